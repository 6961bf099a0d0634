import fc from 'fast-check'
import t from 'tap'
import { renderMail, MAIL_TEMPLATES as TEMPLATES } from '../src/render.ts'
import { renderHtml } from '../src/render-html.ts'
import { renderText } from '../src/render-text.ts'
import { SAMPLE_BRAND as BRAND, MAIL_SAMPLES as SAMPLES } from '../src/samples.ts'
import type { MailTemplate, MailTemplates } from '../src/templates/params.ts'

const render = (template: MailTemplate, params: MailTemplates[MailTemplate]) =>
  renderMail(template, params as never, BRAND)

/** The same parameters with every text in them replaced, except what is an address, a zone or a metric. */
function withTexts<T>(value: T, replace: (text: string) => string): T {
  if (typeof value === 'string') return replace(value) as T
  if (value instanceof Date || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => withTexts(item, replace)) as T
  const fixed = ['url', 'timeZone', 'metric', 'kind']
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    fixed.includes(key) ? item : withTexts(item, replace),
  ])
  return Object.fromEntries(entries) as T
}

const tags = (markup: string) => markup.match(/<[^>]*>/g) ?? []

t.test('the ticket mails say what happened', async (t) => {
  const { subject, text, html } = renderMail('assignment', SAMPLES.assignment, BRAND)
  t.equal(subject, '[TKT-1001] VPN drops every few minutes since the update on Monday')
  t.equal(
    text,
    `A ticket for you

Hello Amara Okafor,

This ticket was assigned to you by Lena Sommer.

  TKT-1001: VPN drops every few minutes since the update on Monday
  [High]

  Resolve by: 21 Nov 2026, 14:30 UTC

Open TKT-1001:
https://desk.example.com/tickets/1001

-- 
You get this mail because the ticket is now yours. This mail was sent
automatically by ServiceDesk; replies to it are not read.

Choose what is mailed to you:
https://desk.example.com/settings/notifications
`,
  )
  t.match(html, '<a href="https://desk.example.com/tickets/1001"')

  const headings = TEMPLATES.map((name) => [name, render(name, SAMPLES[name]).text.split('\n')[0]])
  t.strictSame(Object.fromEntries(headings), {
    assignment: 'A ticket for you',
    sla_violation: 'SLA missed: first response',
    escalation: 'A ticket was escalated to you',
    waiting: 'A ticket waits for an agent',
    new_message: '2 new messages from Jonas Lindqvist',
    mention: 'Lena Sommer mentioned you (internal note)',
    status_change: 'TKT-1001 is now Resolved',
    ticket_created: 'A new ticket from Jonas Lindqvist',
    assignment_copy: 'Assigned to Wei Zhang',
    sla_warning: 'Due soon: resolution',
    file_rejected: 'A file is infected',
    alert: 'You watch TKT-1001 now',
    ticket_update: '7 updates on TKT-1001',
    ticket_notice: 'Maintenance tonight',
    system: 'A job failed for good: thumbnail.make',
    invitation: 'Welcome to ServiceDesk',
    password_reset: 'Reset your password',
    verify_email: 'Confirm your address',
  })
})

t.test('all mail about a ticket has one subject, or threads break; account mail has its own', async (t) => {
  const own = ['system', 'invitation', 'password_reset', 'verify_email']
  for (const name of TEMPLATES) {
    const sample = name === 'ticket_notice' ? { ...SAMPLES[name], subject: undefined } : SAMPLES[name]
    const { subject } = render(name, sample)
    const isTicket = subject === '[TKT-1001] VPN drops every few minutes since the update on Monday'
    t.equal(isTicket, !own.includes(name), name)
  }
  t.strictSame(
    own.slice(1).map((name) => render(name as MailTemplate, SAMPLES[name as MailTemplate]).subject),
    ['Your ServiceDesk account', 'Reset your ServiceDesk password', 'Confirm your address for ServiceDesk'],
  )
})

t.test(
  'what staff write by hand has the subject that they gave it, behind the ticket that it is of',
  async (t) => {
    const subjectOf = (subject: string) =>
      renderMail('ticket_notice', { ...SAMPLES.ticket_notice, subject }, BRAND).subject
    t.equal(subjectOf('Maintenance tonight'), '[TKT-1001] Maintenance tonight')
    t.equal(subjectOf('a\r\nBcc: x@y.example\u202e\u2028b'), '[TKT-1001] a Bcc: x@y.example b')
    t.equal(subjectOf(''), '[TKT-1001] VPN drops every few minutes since the update on Monday')
  },
)

t.test('the name of the desk is the one it is given, and says nothing else', async (t) => {
  for (const name of TEMPLATES) {
    const mail = renderMail(name, SAMPLES[name] as never, { ...BRAND, productName: '<b>Help\r\n & more' })
    t.notMatch(JSON.stringify(mail), 'ServiceDesk', name)
    t.match(mail.html, '&lt;b&gt;Help &amp; more', name)
    t.notMatch(mail.html, '<b>', name)
    t.match(mail.text, 'by <b>Help', name)
  }
})

t.test('mail that one can do without says where to turn it off', async (t) => {
  for (const name of TEMPLATES) {
    const { text, html } = render(name, SAMPLES[name])
    const isOptional = !['invitation', 'password_reset', 'verify_email'].includes(name)
    t.equal(text.includes(BRAND.preferencesUrl), isOptional, name)
    t.equal(html.includes(`<a href="${BRAND.preferencesUrl}"`), isOptional, name)
  }
})

t.test('what came together is told in order, with when, and what is left out is counted', async (t) => {
  const { text } = renderMail('ticket_update', SAMPLES.ticket_update, BRAND)
  const places = [
    '3 earlier updates are not shown here.',
    '* Jonas Lindqvist wrote, 21 Nov 2026, 14:30 UTC\n> It happened again',
    '* A file is infected, 21 Nov 2026, 14:30 UTC',
    '* Now Resolved, 21 Nov 2026, 14:31 UTC\n  Status:     In Progress → Resolved',
    '* Lena Sommer mentioned you (internal note), 21 Nov 2026, 14:31 UTC\n> Thanks',
  ].map((part) => text.indexOf(part))
  t.ok(
    places.every((place, n) => place > (places[n - 1] ?? -1)),
    places.join(),
  )
  const one = { ...SAMPLES.ticket_update, earlier: 1 }
  t.match(renderMail('ticket_update', one, BRAND).text, '1 earlier update is not shown here.')
  const none = { ...SAMPLES.ticket_update, earlier: 0 }
  t.notMatch(renderMail('ticket_update', none, BRAND).text, 'earlier')
  const { messages } = SAMPLES.new_message
  const many = renderMail('new_message', { ...SAMPLES.new_message, earlier: 5 }, BRAND)
  t.match(many.text, /^7 new messages from/)
  const single = renderMail('new_message', { ...SAMPLES.new_message, messages: messages.slice(0, 1) }, BRAND)
  t.match(single.text, /^New message from Jonas Lindqvist\n/)
})

t.test('both forms hold everything that the template was told', async (t) => {
  for (const name of TEMPLATES) {
    const { text, html } = render(name, SAMPLES[name])
    const told: string[] = []
    const { metric: _, timeZone: __, ...params } = SAMPLES[name] as MailTemplates['sla_violation']
    withTexts(params, (value) => {
      told.push(...value.split('\n').filter((line) => line !== ''))
      return value
    })
    const squeeze = (value: string) => value.replace(/&nbsp;|[>\s\u00a0]+/g, ' ')
    for (const piece of [...told, params.url]) {
      t.ok(squeeze(text).includes(squeeze(piece)), `${name} in text: ${piece}`)
      t.ok(squeeze(html).includes(squeeze(piece)), `${name} in HTML: ${piece}`)
    }
  }
})

t.test('times are written in the zone of the reader', async (t) => {
  t.match(
    renderMail('sla_violation', SAMPLES.sla_violation, BRAND).text,
    'Was due:     21 Nov 2026, 15:30 CET',
  )
  const summer = {
    ...SAMPLES.password_reset,
    expiresAt: new Date('2026-07-01T22:05:00Z'),
    timeZone: 'Asia/Kolkata',
  }
  t.match(renderMail('password_reset', summer, BRAND).text, 'until 2 Jul 2026, 03:35 GMT+5:30.')
})

t.test('what nobody did, and what is not there', async (t) => {
  const automatic = { ...SAMPLES.assignment, actorName: null, dueAt: null }
  t.match(renderMail('assignment', automatic, BRAND).text, 'assigned to you automatically.')
  t.notMatch(renderMail('assignment', automatic, BRAND).text, 'Resolve by')
  t.match(
    renderMail('sla_violation', { ...SAMPLES.sla_violation, assigneeName: null }, BRAND).text,
    'Assigned to: nobody',
  )
  t.match(
    renderMail('escalation', { ...SAMPLES.escalation, actorName: null }, BRAND).text,
    'escalated automatically to',
  )
  const silent = renderMail(
    'status_change',
    { ...SAMPLES.status_change, actorName: null, comment: undefined },
    BRAND,
  )
  t.notMatch(silent.text, /Changed by|wrote|Comment/)
  t.match(
    renderMail('invitation', { ...SAMPLES.invitation, actorName: null }, BRAND).text,
    'An account was made for you',
  )
  const plain = renderMail('ticket_notice', { ...SAMPLES.ticket_notice, subject: undefined }, BRAND)
  t.match(plain.text, /^A note on TKT-1001\n/)
})

t.test('no words of people change the markup, the subject line or the layout of the text', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '</td></tr></table><script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      '<!-- ',
      'a\r\nBcc: everybody@example.com\r\n\r\nbody',
      '\u202ereversed',
      '&lt;b&gt;',
    ),
  )
  fc.assert(
    fc.property(fc.constantFrom(...TEMPLATES), hostile, (name, words) => {
      const calm = render(
        name,
        withTexts(SAMPLES[name], () => 'x'),
      )
      const mail = render(
        name,
        withTexts(SAMPLES[name], () => `x${words}`),
      )
      // Line breaks are allowed in what people write, and are the only thing that may be added.
      const added = tags(mail.html).filter((tag) => tag !== '<br>')
      return (
        JSON.stringify(added) === JSON.stringify(tags(calm.html)) &&
        !/[\p{Cc}\u202a-\u202e]/u.test(mail.subject) &&
        !/[^\P{Cc}\n]/u.test(mail.text) &&
        mail.text.split('\n-- \n').length === 2
      )
    }),
    { numRuns: 200 },
  )
})

t.test('lines of text are short, addresses excepted', async (t) => {
  for (const name of TEMPLATES) {
    const long = withTexts(SAMPLES[name], (text) => `${text} and so on`.repeat(8))
    for (const line of render(name, long).text.split('\n')) {
      t.ok(line.length <= 72 || /^https:\S+$/.test(line), `${name}: ${line}`)
    }
  }
})

t.test('long words are cut to what a mail needs', async (t) => {
  const long = {
    ...SAMPLES.new_message,
    title: 'T'.repeat(500),
    messages: [{ authorName: 'A', text: 'm '.repeat(9000) }],
  }
  const mail = renderMail('new_message', long, BRAND)
  t.ok(mail.subject.length <= 200)
  t.ok(mail.text.length < 3000)
  const words = { ...SAMPLES.ticket_notice, message: `${'word '.repeat(3000)}END` }
  const notice = renderMail('ticket_notice', words, BRAND)
  t.match(notice.text, 'END', 'what staff write by hand goes out whole')
})

t.test('an address that is none of the web is refused', async (t) => {
  for (const name of TEMPLATES) {
    t.throws(() => render(name, { ...SAMPLES[name], url: 'javascript:alert(1)' }), TypeError, name)
  }
  const blocks = [{ kind: 'action', label: 'Open', url: 'javascript:alert(1)' } as const]
  const page = {
    subject: '',
    preview: '',
    heading: '',
    recipientName: '',
    reason: '',
    isOptional: true,
    blocks,
  }
  t.throws(() => renderHtml(page, BRAND), TypeError)
  t.throws(() => renderText(page, BRAND), TypeError)
  const bad = { ...BRAND, preferencesUrl: 'javascript:alert(1)' }
  t.throws(() => renderHtml({ ...page, blocks: [] }, bad), TypeError)
  t.throws(() => renderText({ ...page, blocks: [] }, bad), TypeError)
})
