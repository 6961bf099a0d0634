import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { createMailSink } from '../../src/mail-sink/mail-sink.ts'
import { type Mailbox, openMailbox } from '../../src/mail-sink/mailbox.ts'
import { freePort } from '../../src/process/ports.ts'

const mails = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith('.'))

/** Says the lines one by one, each after the answer to the one before; what is unfinished it says last, and hangs up. */
async function talk(port: number, lines: readonly string[], unfinished = ''): Promise<string[]> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const codes: string[] = []
  const answer = async () => {
    let text = ''
    while (!/^\d{3} .*\r\n$/m.test(text)) text += (await once(socket, 'data'))[0]
    codes.push(text.slice(0, 3))
  }
  await answer()
  for (const line of lines) {
    socket.write(`${line}\r\n`)
    await answer()
  }
  if (unfinished !== '') await new Promise((resolve) => socket.write(unfinished, resolve))
  socket.destroy()
  return codes
}

const letter = ['EHLO test', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA']
const body = 'Subject: Hi\r\n\r\nHello\r\n.'

async function sinkOn(t: Test, mailbox: Mailbox): Promise<number> {
  const sink = createMailSink(mailbox)
  sink.on('error', () => {})
  const listening = new Promise((resolve) => sink.listen(0, '127.0.0.1', () => resolve(undefined)))
  t.teardown(() => new Promise<void>((resolve) => sink.close(() => resolve())))
  await listening
  return (sink.server.address() as AddressInfo).port
}

t.test('a mail is in the mailbox, whole, before it is acknowledged', async (t) => {
  const folder = t.testdir()
  const mailbox = openMailbox(folder)
  let keptBeforeAnswer: string[] = []
  const port = await sinkOn(t, {
    keep: async (mail, refusal) => {
      const name = await mailbox.keep(mail, refusal)
      keptBeforeAnswer = mails(folder)
      return name
    },
  })
  t.strictSame(await talk(port, [...letter, body]), ['220', '250', '250', '250', '354', '250'])
  t.equal(keptBeforeAnswer.length, 1)
  t.match(keptBeforeAnswer[0], /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-[0-9a-f]{8}\.eml$/)
  t.equal(readFileSync(join(folder, keptBeforeAnswer[0]!), 'utf8'), 'Subject: Hi\r\n\r\nHello\r\n')
  t.strictSame(readdirSync(join(folder, '.incoming')), [])
})

t.test('a mail that cannot be kept is refused, so that the sender tries again', async (t) => {
  const port = await sinkOn(t, { keep: async () => Promise.reject(new Error('disk full')) })
  t.match((await talk(port, [...letter, body])).at(-1), /^[45]/)
})

t.test('a sender that vanishes half-way leaves no mail', async (t) => {
  const folder = t.testdir()
  const mailbox = openMailbox(folder)
  let outcome: (how: string) => void = () => {}
  const settled = new Promise<string>((resolve) => {
    outcome = resolve
  })
  const port = await sinkOn(t, {
    keep: (mail, refusal) => {
      const keeping = mailbox.keep(mail, refusal)
      keeping.then(
        () => outcome('kept'),
        () => outcome('dropped'),
      )
      return keeping
    },
  })
  await talk(port, letter, 'Subject: Hi\r\n\r\nHalf of')
  t.equal(await settled, 'dropped')
  t.strictSame(mails(folder), [])
})

t.test('names sort by time, and what a killed sink left half-written is swept', async (t) => {
  const folder = t.testdir({ '.incoming': { 'half.eml': 'Subject' } })
  let now = Date.parse('2026-02-03T04:05:06.007Z')
  const mailbox = openMailbox(folder, () => new Date(now))
  t.strictSame(readdirSync(join(folder, '.incoming')), [])
  const first = await mailbox.keep(Readable.from(['one']))
  now += 1
  const second = await mailbox.keep(Readable.from(['two']))
  t.strictSame(mails(folder), [first, second])
})

t.test('the program tells when it is ready and ends with its supervisor', async (t) => {
  const folder = t.testdir()
  const port = await freePort()
  // The build, which npm test makes first: loading the sources in every child would take seconds.
  const main = fileURLToPath(new URL('../../dist/mail-sink/main.js', import.meta.url))
  const child = fork(main, ['--port', String(port), '--mailbox', folder], { execArgv: [] })
  const exit = once(child, 'exit')
  const [message] = await once(child, 'message')
  t.strictSame(message, { type: 'ready' })
  t.equal((await talk(port, [...letter, body])).at(-1), '250')
  t.equal(mails(folder).length, 1)
  child.disconnect()
  t.strictSame(await exit, [0, null])
})
