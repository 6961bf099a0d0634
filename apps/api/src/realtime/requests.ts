import { DomainError } from '@servicedesk/core'
import {
  type Acknowledgement,
  type ClientEventName,
  type ClientEvents,
  checkClientEvent,
  isClientEvent,
} from '@servicedesk/realtime'
import { databaseProblem } from '../plugins/database-errors.ts'
import { wordsFor } from '../shared/schemas.ts'
import { type DeskSocket, endSocket } from './desk-socket.ts'
import { BURST, createAllowance } from './rate.ts'

export type RequestHandlers = {
  [K in ClientEventName]: (socket: DeskSocket, payload: ClientEvents[K]) => Promise<void>
}

interface Refusal {
  code: string
  message: string
}

const TOO_FAST: Refusal = { code: 'rate_limited', message: 'Too many requests; wait a second' }
const BUSY: Refusal = { code: 'busy', message: 'Earlier requests are still being answered; try again' }
/** Requests of a socket that are kept while one is being answered: a slow database must not fill the memory. */
const MOST_WAITING = BURST
const UNEXPECTED: Refusal = { code: 'internal_error', message: 'Something went wrong on our side' }
/** That somebody is too fast is told, without an acknowledgement, no more often than this. */
const ERROR_EVENT_MS = 200

/**
 * Takes everything that a socket sends: one request at a time and in order, so that what is said twice in a row is stored
 * in that order. Each is answered by its acknowledgement, and one that has none by an `error` event if it is refused.
 */
export function takeRequests(
  socket: DeskSocket,
  handlers: RequestHandlers,
  onFault: (error: unknown) => void,
  isReady: Promise<unknown>,
): void {
  const allowance = createAllowance()
  let last = isReady
  let waiting = 0
  let toldAt = 0

  function answerWith(args: unknown[]): (answer: Acknowledgement) => void {
    const ack = args.at(-1)
    if (typeof ack === 'function') {
      args.pop()
      return (answer) => void ack(answer)
    }
    return (answer) => {
      if (answer.ok) return
      if (answer.error === TOO_FAST || answer.error === BUSY) {
        if (Date.now() - toldAt < ERROR_EVENT_MS) return
        toldAt = Date.now()
      }
      socket.emit('error', answer.error)
    }
  }

  // Here and not by listeners: a name such as `error` or `disconnect` that a client sends must reach none.
  socket.use(([name, ...args]) => {
    const answer = answerWith(args)
    const verdict = allowance.take()
    if (verdict === 'cut') return endSocket(socket, TOO_FAST.code, 'Far too many requests')
    if (verdict === 'refused') return answer({ ok: false, error: TOO_FAST })
    if (waiting >= MOST_WAITING) return answer({ ok: false, error: BUSY })
    waiting += 1
    last = last.then(async () => {
      waiting -= 1
      if (!socket.connected) return
      const refusal = await perform(socket, handlers, name, args).catch((error: unknown) =>
        refusalOf(error, onFault),
      )
      answer(refusal === undefined ? { ok: true } : { ok: false, error: refusal })
    })
  })
}

/** Runs one request. @returns why it was refused before anything was tried */
async function perform(
  socket: DeskSocket,
  handlers: RequestHandlers,
  name: string,
  args: readonly unknown[],
): Promise<Refusal | undefined> {
  if (!isClientEvent(name)) return { code: 'unknown_event', message: 'There is no such event' }
  if (args.length > 1) return { code: 'validation_failed', message: 'One payload an event' }
  const checked = checkClientEvent(name, args[0] ?? {})
  if ('problem' in checked) {
    const { path, keyword, message, wanted } = checked.problem
    return {
      code: 'validation_failed',
      message: `${path || 'payload'}: ${wanted ?? wordsFor(keyword, message)}`,
    }
  }
  // The event's schema ties payload to name; the compiler cannot follow that through an indexed call.
  const handler = handlers[name] as (socket: DeskSocket, payload: unknown) => Promise<void>
  await handler(socket, checked.value)
  return undefined
}

function refusalOf(error: unknown, onFault: (error: unknown) => void): Refusal {
  if (error instanceof DomainError) return { code: error.code, message: error.message }
  const away = databaseProblem(error)
  if (away !== null) return { code: away.code, message: away.detail }
  onFault(error)
  return UNEXPECTED
}
