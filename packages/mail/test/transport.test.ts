import type { SMTPServerOptions } from 'smtp-server'
import t, { type Test } from 'tap'
import { mailHeaders, messageId } from '../src/headers.ts'
import { renderMail } from '../src/render.ts'
import { MAIL_SAMPLES, SAMPLE_BRAND } from '../src/samples.ts'
import { createMailer, MailRefused, type MailTimeouts, type OutgoingMail } from '../src/transport.ts'
import { deadServer, reply, smtpServer } from './helpers/smtp.ts'

const FROM = 'ServiceDesk <desk@example.com>'
const MAIL: OutgoingMail = {
  to: 'amara@example.org',
  subject: 'Ärger – 名前',
  text: 'plain ünïcode\n',
  html: '<p>rich ünïcode</p>',
  messageId: '<delivery-1@example.com>',
}

function mailer(t: Test, smtpUrl: string, timeouts: MailTimeouts = {}) {
  const created = createMailer({ smtpUrl, from: FROM, timeouts })
  t.teardown(() => created.close())
  return created
}

const failureOf = (sent: Promise<void>) =>
  sent.then(
    () => undefined,
    (error: unknown) => error,
  )

t.test('a mail arrives as it was written', async (t) => {
  const { url, received } = await smtpServer(t)
  const { subject, text, html } = renderMail('assignment', MAIL_SAMPLES.assignment, SAMPLE_BRAND)
  const id = messageId('018f3c5e-7', 'desk.example.com')
  const headers = mailHeaders({
    domain: 'desk.example.com',
    productName: 'ServiceDesk',
    ticketRef: 'TKT-1001',
    preferencesUrl: SAMPLE_BRAND.preferencesUrl,
  })
  await mailer(t, url).send({ to: 'amara@example.org', subject, text, html, messageId: id, headers })

  t.equal(received.length, 1)
  const { from, to, mail } = received[0]!
  t.same([from, to], ['desk@example.com', ['amara@example.org']])
  t.match(mail, {
    from: { name: 'ServiceDesk', address: 'desk@example.com' },
    to: [{ name: '', address: 'amara@example.org' }],
    subject,
    messageId: id,
    inReplyTo: '<ticket-1001@desk.example.com>',
    references: '<ticket-1001@desk.example.com>',
  })
  t.equal(mail.text?.trim(), text.trim())
  t.equal(mail.html?.trim(), html.trim())
  const found = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))
  t.match(found, {
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'All',
    'list-unsubscribe': '<https://desk.example.com/settings/notifications>',
    'list-id': 'ServiceDesk tickets <tickets.desk.example.com>',
  })
})

t.test('letters of every script arrive', async (t) => {
  const { url, received } = await smtpServer(t)
  await mailer(t, url).send(MAIL)
  t.match(received[0]!.mail, { subject: 'Ärger – 名前', text: /plain ünïcode/, html: /rich ünïcode/ })
})

t.test('many mails share a few connections', async (t) => {
  const { url, received, connections } = await smtpServer(t)
  const { send } = mailer(t, url)
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => send({ ...MAIL, messageId: `<delivery-${n}@example.com>` })),
  )
  t.equal(new Set(received.map(({ mail }) => mail.messageId)).size, 40)
  t.ok(connections() <= 5, `${connections()} connections`)
})

t.test('nothing in a mail can add a header or a recipient', async (t) => {
  const { url, received } = await smtpServer(t)
  const { send } = mailer(t, url)
  const evil = 'x\r\nBcc: victim@example.net\r\nX-Evil: yes\r\n\r\nbody'
  await send({ ...MAIL, subject: evil, messageId: `<a@example.com>${evil}`, headers: { 'X-Note': evil } })
  const { to, mail } = received[0]!
  t.same(to, ['amara@example.org'])
  const names = mail.headers.map(({ key }) => key)
  t.notOk(names.includes('bcc') || names.includes('x-evil'))
  t.equal(mail.subject, 'x Bcc: victim@example.net X-Evil: yes body')
  t.match(mail.text, 'plain')

  await t.rejects(send({ ...MAIL, headers: { 'X-A\r\nBcc': 'victim@example.net' } }), TypeError)
  const addresses = [
    '',
    'nobody',
    'a@b, victim@example.net',
    'a@b\r\nBcc: c@d',
    'A <a@b>',
    '"a b"@c',
    'a@b c',
    'group:a@b;',
  ]
  for (const to of addresses) {
    t.match(await failureOf(send({ ...MAIL, to })), { name: 'MailRefused', responseCode: undefined }, to)
  }
  t.equal(received.length, 1)
})

/** What people and those who set up a desk may have written. */
const HOSTILE = [
  'x\r\nBcc: victim@example.net\r\n\r\nbody',
  'x\nBcc: victim@example.net',
  'x\rBcc: victim@example.net',
  'x\u2028Bcc: victim@example.net\u2029y\u0085z\u000bv',
  '=?utf-8?Q?=0D=0ABcc:_victim@example.net?=',
  '=?utf-8?B?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm5ldA==?= ü',
  '"Name" <victim@example.net>, other@example.net;',
  'T'.repeat(10_000),
  '\u{1F4A5} '.repeat(3_000),
  '\u0000\u202e\ud800',
]

t.test('no title, name or product name can add a header, a recipient or a line', async (t) => {
  const { url, received } = await smtpServer(t)
  const { send } = mailer(t, url)
  const expected = [
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'in-reply-to',
    'list-id',
    'list-unsubscribe',
    'message-id',
    'mime-version',
    'references',
    'subject',
    'to',
    'x-auto-response-suppress',
  ]
  for (const [n, words] of HOSTILE.entries()) {
    const brand = { ...SAMPLE_BRAND, productName: words }
    const params = {
      ...MAIL_SAMPLES.mention,
      title: words,
      authorName: words,
      recipientName: words,
      text: words,
    }
    const { domain, ticketRef } = { domain: 'desk.example.com', ticketRef: 'TKT-1001' }
    const headers = mailHeaders({ ...brand, domain, ticketRef })
    const id = messageId('018f3c5e-7', domain)
    await send({ ...renderMail('mention', params, brand), to: MAIL.to, messageId: id, headers })
    const { to, mail, raw } = received.at(-1)!
    t.same(to, [MAIL.to])
    t.strictSame(mail.headers.map(({ key }) => key).sort(), expected, `sample ${n}`)
    t.match(mail, { messageId: id, inReplyTo: '<ticket-1001@desk.example.com>' })
    t.match(mail.subject, /^\[TKT-1001\] /)
    t.ok([...(mail.subject ?? '')].length <= 220)
    t.notMatch(mail.subject, /[\p{Cc}\p{Zl}\p{Zp}]/u, `sample ${n}`)
    t.ok(Math.max(...raw.split('\r\n').map((line) => line.length)) <= 998, 'lines that SMTP allows')
  }
})

t.test('a final no to the recipient or the message is MailRefused', async (t) => {
  const unknown = await smtpServer(t, {
    onRcptTo: (_address, _session, done) => done(reply(550, 'no such user')),
  })
  const refused = await failureOf(mailer(t, unknown.url).send(MAIL))
  t.type(refused, MailRefused)
  t.match(refused, { responseCode: 550, message: /no such user/ })

  const spam = await smtpServer(t, {
    onData(stream, _session, done) {
      stream.resume()
      stream.on('end', () => done(reply(554, 'looks like spam')))
    },
  })
  t.match(await failureOf(mailer(t, spam.url).send(MAIL)), { name: 'MailRefused', responseCode: 554 })
})

/** A server that answers `code` at one stage of a mail. */
function refusingAt(stage: 'connect' | 'mail' | 'rcpt' | 'data', code: number): SMTPServerOptions {
  const no = reply(code, `no at ${stage}`)
  const options: Record<typeof stage, SMTPServerOptions> = {
    connect: { onConnect: (_session, done) => done(no) },
    mail: { onMailFrom: (_address, _session, done) => done(no) },
    rcpt: { onRcptTo: (_address, _session, done) => done(no) },
    data: {
      onData(stream, _session, done) {
        stream.resume()
        stream.on('end', () => done(no))
      },
    },
  }
  return options[stage]
}

t.test('421, 450 and 550 at every stage: only a final no to recipient or message is final', async (t) => {
  for (const stage of ['connect', 'mail', 'rcpt', 'data'] as const) {
    for (const code of [421, 450, 550]) {
      const { url } = await smtpServer(t, refusingAt(stage, code))
      const failure = await failureOf(mailer(t, url).send(MAIL))
      const isFinal = code === 550 && (stage === 'rcpt' || stage === 'data')
      t.type(failure, Error)
      t.equal(failure instanceof MailRefused, isFinal, `${code} at ${stage}: ${failure}`)
    }
  }
})

t.test('a no for now, and a no to us, may pass', async (t) => {
  const greylisting = await smtpServer(t, {
    onRcptTo: (_address, _session, done) => done(reply(451, 'later')),
  })
  const relay = await smtpServer(t, { onMailFrom: (_address, _session, done) => done(reply(550, 'not you')) })
  const login = await smtpServer(t, {
    authOptional: false,
    onAuth: (_auth, _session, done) => done(reply(535, 'no')),
  })
  const signingIn = login.url.replace('smtp://', 'smtp://user:wrong-password@')
  for (const url of [greylisting.url, relay.url, login.url, signingIn]) {
    const failure = await failureOf(mailer(t, url).send(MAIL))
    t.type(failure, Error)
    t.notOk(failure instanceof MailRefused, String(failure))
    t.notMatch(String(failure), 'wrong-password')
  }
})

// Less than any default, so that it is the given limits that act.
t.test('a server that is away or dead fails in time', { timeout: 8_000 }, async (t) => {
  const silent = await deadServer(t)
  const stuck = await deadServer(t, '220 hello\r\n')
  const short = { connection: 80, greeting: 80, socket: 80 }
  t.match(await failureOf(mailer(t, silent, { greeting: 80 }).send(MAIL)), {
    timeoutType: 'GREETING_TIMEOUT',
  })
  t.match(await failureOf(mailer(t, stuck, { socket: 80 }).send(MAIL)), { timeoutType: 'SOCKET_TIMEOUT' })
  t.type(await failureOf(mailer(t, 'smtp://127.0.0.1:1', short).send(MAIL)), Error)
  await t.rejects(mailer(t, silent, short).verify())
})

t.test('a mail that is never taken is given up, whatever the server says meanwhile', async (t) => {
  const endless = await smtpServer(t, {
    onData(stream) {
      stream.resume()
    },
  })
  const failure = await failureOf(mailer(t, endless.url, { send: 150 }).send(MAIL))
  t.match(failure, { code: 'EABORT' })
})

t.test('a mail can be sent after a failure', async (t) => {
  let refuse = true
  const { url, received } = await smtpServer(t, {
    onRcptTo: (_address, _session, done) => done(refuse ? reply(451, 'later') : null),
  })
  const { send } = mailer(t, url)
  await t.rejects(send(MAIL))
  refuse = false
  await send(MAIL)
  t.equal(received.length, 1)
})

t.test('verify says whether mail could be sent', async (t) => {
  const { url } = await smtpServer(t)
  await t.resolves(mailer(t, url).verify())
})

t.test('a configuration that cannot work is refused at once, without its password', async (t) => {
  for (const smtpUrl of [
    undefined,
    '',
    'mail.example.com',
    'http://user:hush@example.com',
    'smtp://',
    'smtp:hush',
  ]) {
    const failure = await failureOf((async () => createMailer({ smtpUrl, from: FROM }).close())())
    t.match(String(failure), /SMTP URL/, String(smtpUrl))
    t.notMatch(String(failure), 'hush')
  }
  for (const from of ['', 'ServiceDesk', 'ServiceDesk <>', 'a@b, c@d', 'X <a@b>\r\nBcc: <c@d>']) {
    const failure = await failureOf(
      (async () => createMailer({ smtpUrl: 'smtp://127.0.0.1', from }).close())(),
    )
    t.match(String(failure), /sender/, from)
  }
})
