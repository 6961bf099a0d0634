import fc from 'fast-check'
import t from 'tap'
import { renderMail } from '../src/render.ts'
import { renderHtml } from '../src/render-html.ts'
import { renderText } from '../src/render-text.ts'
import type { MailTemplate, MailTemplates } from '../src/templates/params.ts'
import { SAMPLES, TEMPLATES } from './helpers/samples.ts'

const render = (template: MailTemplate, params: MailTemplates[MailTemplate]) =>
  renderMail(template, params as never)

/** The same parameters with every text in them replaced, except what is an address, a zone or a metric. */
function withTexts<T>(value: T, replace: (text: string) => string): T {
  if (typeof value === 'string') return replace(value) as T
  if (value instanceof Date || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => withTexts(item, replace)) as T
  const fixed = ['url', 'timeZone', 'metric']
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    fixed.includes(key) ? item : withTexts(item, replace),
  ])
  return Object.fromEntries(entries) as T
}

const tags = (markup: string) => markup.match(/<[^>]*>/g) ?? []

t.test('the ticket mails say what happened', async (t) => {
  const { subject, text, html } = renderMail('assignment', SAMPLES.assignment)
  t.equal(subject, '[TKT-1001] Assigned to you: VPN drops every few minutes since the update on Monday')
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
`,
  )
  t.match(html, '<a href="https://desk.example.com/tickets/1001"')

  const subjects = Object.fromEntries(TEMPLATES.map((name) => [name, render(name, SAMPLES[name]).subject]))
  t.match(subjects, {
    sla_violation: '[TKT-1001] SLA missed (first response): ',
    escalation: '[TKT-1001] Escalated to level 2: ',
    waiting: '[TKT-1001] Waits for an agent: ',
    new_message: '[TKT-1001] 2 new messages: ',
    status_change: '[TKT-1001] Resolved: ',
    file_rejected: '[TKT-1001] Infected file: ',
    ticket_notice: '[TKT-1001] Maintenance tonight',
    invitation: 'Your ServiceDesk account',
    password_reset: 'Reset your ServiceDesk password',
    verify_email: 'Confirm your address for ServiceDesk',
  })
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
  t.match(renderMail('sla_violation', SAMPLES.sla_violation).text, 'Was due:     21 Nov 2026, 15:30 CET')
  const summer = {
    ...SAMPLES.password_reset,
    expiresAt: new Date('2026-07-01T22:05:00Z'),
    timeZone: 'Asia/Kolkata',
  }
  t.match(renderMail('password_reset', summer).text, 'until 2 Jul 2026, 03:35 GMT+5:30.')
})

t.test('what nobody did, and what is not there', async (t) => {
  const automatic = { ...SAMPLES.assignment, actorName: null, dueAt: null }
  t.match(renderMail('assignment', automatic).text, 'assigned to you automatically.')
  t.notMatch(renderMail('assignment', automatic).text, 'Resolve by')
  t.match(
    renderMail('sla_violation', { ...SAMPLES.sla_violation, assigneeName: null }).text,
    'Assigned to: nobody',
  )
  t.match(
    renderMail('escalation', { ...SAMPLES.escalation, actorName: null }).text,
    'escalated automatically to',
  )
  const silent = renderMail('status_change', {
    ...SAMPLES.status_change,
    actorName: null,
    comment: undefined,
  })
  t.notMatch(silent.text, /Changed by|wrote|Comment/)
  t.match(
    renderMail('invitation', { ...SAMPLES.invitation, actorName: null }).text,
    'An account was made for you',
  )
  const plain = renderMail('ticket_notice', { ...SAMPLES.ticket_notice, subject: undefined })
  t.match(plain.subject, '[TKT-1001] A note on the ticket: VPN drops')
  const one = renderMail('new_message', {
    ...SAMPLES.new_message,
    messages: SAMPLES.new_message.messages.slice(0, 1),
  })
  t.match(one.subject, '[TKT-1001] New message: VPN drops')
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
  const mail = renderMail('new_message', long)
  t.ok(mail.subject.length <= 200)
  t.ok(mail.text.length < 3000)
  const notice = renderMail('ticket_notice', {
    ...SAMPLES.ticket_notice,
    message: `${'word '.repeat(3000)}END`,
  })
  t.match(notice.text, 'END', 'what staff write by hand goes out whole')
})

t.test('an address that is none of the web is refused', async (t) => {
  for (const name of TEMPLATES) {
    t.throws(() => render(name, { ...SAMPLES[name], url: 'javascript:alert(1)' }), TypeError, name)
  }
  const blocks = [{ kind: 'action', label: 'Open', url: 'javascript:alert(1)' } as const]
  const page = { subject: '', preview: '', heading: '', recipientName: '', reason: '', blocks }
  t.throws(() => renderHtml(page), TypeError)
  t.throws(() => renderText(page), TypeError)
})
