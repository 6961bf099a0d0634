import type { Block, MailDocument } from '../document.ts'
import type { MailTemplates, Thing, ThingKind, Things, TicketParams, Zoned } from './params.ts'
import { formatTime, ticketBlock, ticketMail } from './shared.ts'
import { tell, tellThing } from './things.ts'

/** The mail of a single thing. */
export function single<K extends ThingKind>(kind: K, params: TicketParams & Zoned & Things[K]): MailDocument {
  const { heading, preview, parts, priority, reason } = tell(kind, params, params)
  return ticketMail(params, { heading, preview, reason, blocks: [ticketBlock(params, priority), ...parts] })
}

/** Messages that came together; a single one is a mail of its own. */
export function newMessage(params: MailTemplates['new_message']): MailDocument {
  const { messages, earlier = 0 } = params
  const [first] = messages
  if (first !== undefined && messages.length === 1 && earlier === 0) {
    return single('new_message', { ...params, ...first })
  }
  const authors = [...new Set(messages.map(({ authorName }) => authorName))].join(', ')
  return several(params, {
    heading: `${messages.length + earlier} new messages from ${authors}`,
    things: messages.map((told) => ({ kind: 'new_message', at: told.at ?? null, told })),
    earlier,
  })
}

/** Things of several kinds that came together. */
export function ticketUpdate(params: MailTemplates['ticket_update']): MailDocument {
  const many = params.things.length + params.earlier
  return several(params, { heading: `${many} updates on ${params.ticketRef}`, ...params })
}

interface Several {
  heading: string
  things: readonly Thing[]
  earlier: number
}

function several(params: TicketParams & Zoned, { heading, things, earlier }: Several): MailDocument {
  const told = things.map((thing) => tellThing(thing, params))
  const entries = things.map((thing, n): Block => {
    const time = thing.at === null ? null : formatTime(thing.at, params.timeZone)
    return { kind: 'entry', label: told[n]?.label ?? '', time, parts: told[n]?.parts ?? [] }
  })
  const more = `${earlier} earlier ${earlier === 1 ? 'update is' : 'updates are'} not shown here.`
  return ticketMail(params, {
    heading,
    preview: told.at(-1)?.preview ?? '',
    blocks: [
      ticketBlock(params, null),
      ...(earlier > 0 ? [{ kind: 'paragraph', text: more } as const] : []),
      ...entries,
    ],
    reason: 'You get this mail because you take part in the ticket, watch it or asked for such mail.',
  })
}
