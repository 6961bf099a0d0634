import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Teardown } from '@servicedesk/testing'
import { SMTPServer } from 'smtp-server'

/** What the server says to a mail: taken, a refusal by its code, or nothing at all on a connection that breaks. */
export type Verdict = 'take' | 'break' | { code: number; text: string }

export interface MailServer {
  url: string
  /** Every mail that arrived, whatever was said to it. */
  mails: string[]
  /** Addresses in the order in which they were tried. */
  tried: string[]
  /** Decides by recipient and how often they were tried, from 1. */
  judge(to: string, attempt: number): Verdict | Promise<Verdict>
}

/** A real mail server on a free port. */
export async function startMailServer(t: Teardown, judge: MailServer['judge'] = () => 'take') {
  const state: MailServer = { url: '', mails: [], tried: [], judge }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      const judged = buffer(stream).then(async (raw) => {
        const to = session.envelope.rcptTo[0]?.address ?? ''
        state.mails.push(raw.toString('utf8'))
        state.tried.push(to)
        const verdict = await state.judge(to, state.tried.filter((each) => each === to).length)
        if (verdict === 'take') callback()
        else if (verdict === 'break') breakOff(session.id)
        else callback(Object.assign(new Error(verdict.text), { responseCode: verdict.code }))
      })
      // A sender that goes away in the middle of a mail has sent none.
      judged.catch(callback)
    },
  })
  const breakOff = (session: string) => {
    for (const each of server.connections) if (each.id === session) each.close()
  }
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  state.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  return state
}
