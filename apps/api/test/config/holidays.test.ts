import { calendarVersions } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies } from '../helpers/refusals.ts'
import { contentOf } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const clock = { now: () => new Date('2026-11-21T12:00:00Z') }
const desk = await createTestDesk(t, { clock })
const admin = sender(desk, await desk.person('System Admin'))
const requester = sender(desk, await desk.person('Normal User'))
const ICAL = { 'content-type': 'text/calendar; charset=utf-8' }

let count = 0
async function newCalendar(): Promise<{ path: string; id: number }> {
  count += 1
  const answer = await admin('POST', '/config/calendars', {
    name: `Calendar ${count}`,
    time_zone: 'Europe/Vienna',
    intervals: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, start: '08:00', end: '16:00' })),
  })
  const { id } = answer.json()
  return { id, path: `/config/calendars/${id}/holidays` }
}
const off = (date: string, name = 'Off') => ({ date, name })
const event = (...lines: string[]) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']
const file = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n')
const CHRISTMAS = file(
  ...event('UID:1', 'DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Weihnachten'),
  ...event('UID:2', 'DTSTART:20261224T120000Z', 'DTEND:20261224T130000Z', 'SUMMARY:Lunch'),
)

t.test('one, several, and those that are there already', async (t) => {
  const { id, path } = await newCalendar()
  const one = await admin('POST', path, off('2026-12-25', 'Christmas'))
  t.match(one.json(), { id, time_zone: 'Europe/Vienna', holidays: [off('2026-12-25', 'Christmas')] })
  t.match(one.json(), { added: 1, skipped: 0 })
  const holidays = [
    off('2027-01-01'),
    off('2026-12-25', 'Another name'),
    off('2027-01-01'),
    off('2026-12-26'),
  ]
  const several = (await admin('POST', path, { holidays })).json()
  t.match(several, { added: 2, skipped: 2 })
  t.same(several.holidays, [off('2026-12-25', 'Christmas'), off('2026-12-26'), off('2027-01-01')])
  const before = await contentOf(desk)
  t.match((await admin('POST', path, { holidays })).json(), { added: 0, skipped: 4 })
  t.same(await contentOf(desk), before, 'nothing new, no new version')
  const removed = await admin('DELETE', `${path}/2026-12-26`)
  t.same(removed.json().holidays, [off('2026-12-25', 'Christmas'), off('2027-01-01')])
  isProblem(t, await admin('DELETE', `${path}/2026-12-26`), 404, 'not_found')
  isProblem(t, await admin('DELETE', `${path}/2026-02-30`), 404, 'not_found')
  isProblem(t, await admin('DELETE', `${path}/today`), 400, 'validation_failed')
  const versions = await desk.db.select().from(calendarVersions).where(eq(calendarVersions.calendarId, id))
  t.equal(versions.length, 4)
})

t.test('a file, as the body and in a form', async (t) => {
  const body = await newCalendar()
  const answer = await admin('POST', body.path, CHRISTMAS, ICAL)
  t.equal(answer.statusCode, 200, answer.body)
  t.match(answer.json(), { id: body.id, added: 2, skipped: 1 })
  t.same(answer.json().holidays, [off('2026-12-25', 'Weihnachten'), off('2026-12-26', 'Weihnachten')])
  t.match((await admin('POST', body.path, CHRISTMAS, ICAL)).json(), { added: 0, skipped: 3 })

  const sent = await newCalendar()
  const multipart = await form({}, [{ name: 'holidays.ics', type: 'text/calendar', content: CHRISTMAS }])
  const inForm = await admin('POST', sent.path, multipart.payload, multipart.headers)
  t.match(inForm.json(), { id: sent.id, added: 2, skipped: 1 })
  const key = { 'idempotency-key': 'import-1' }
  const first = await admin('POST', sent.path, off('2027-01-06'), key)
  t.match(first.json(), { added: 1 })
  t.same(
    (await admin('POST', sent.path, off('2027-01-06'), key)).json(),
    first.json(),
    'the same answer again',
  )
})

t.test('bad bodies', async (t) => {
  const { path } = await newCalendar()
  await refusesBodies(t, desk, (body) => admin('POST', path, body), [
    ['date', {}],
    ['name', { date: '2026-12-25' }],
    ['date', { name: 'No date' }],
    ['date', off('2026-02-30')],
    ['date', off('1969-12-31')],
    ['date', off('2026-1-1')],
    ['name', off('2026-12-25', '')],
    ['date', { ...off('2026-12-25'), holidays: [] }],
    ['name', { name: 'A', holidays: [] }],
    ['holidays.1.date', { holidays: [off('2026-12-25'), off('2026-06-31')] }],
    ['holidays', { holidays: 'all' }],
    ['days', { days: 1 }],
  ])
})

t.test('bad files', async (t) => {
  const { path } = await newCalendar()
  const before = await contentOf(desk)
  const files: [string, string | Buffer][] = [
    ['nothing', ' '],
    ['garbage', 'This is a letter.'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0xff, 0xfe])],
    ['JSON', '{"holidays": []}'],
    ['cut off', CHRISTMAS.slice(0, 150)],
    ['no such date', file(...event('DTSTART;VALUE=DATE:20260230'))],
    ['every second', file(...event('DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=SECONDLY'))],
    ['every day', file(...event('DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=DAILY'))],
  ]
  for (const [what, content] of files) {
    const { errors } = isProblem(t, await admin('POST', path, content, ICAL), 400, 'validation_failed', what)
    t.ok(['file', 'holidays'].includes(errors[0]!.path), `${what}: ${errors[0]!.message}`)
    const sent = await form({}, [{ name: 'a.ics', content }])
    isProblem(t, await admin('POST', path, sent.payload, sent.headers), 400, 'validation_failed', what)
  }
  isProblem(t, await admin('POST', path, '', ICAL), 400)
  const large = file(...Array(40_000).fill(event('DTSTART;VALUE=DATE:20260101')).flat())
  isProblem(t, await admin('POST', path, large, ICAL), 413)
  const inForm = await form({}, [{ name: 'a.ics', content: large }])
  isProblem(t, await admin('POST', path, inForm.payload, inForm.headers), 413, 'file_too_large')
  const two = await form({}, [
    { name: 'a.ics', content: CHRISTMAS },
    { name: 'b.ics', content: CHRISTMAS },
  ])
  isProblem(t, await admin('POST', path, two.payload, two.headers), 400, 'validation_failed')
  const none = await form({ comment: 'no file' })
  isProblem(t, await admin('POST', path, none.payload, none.headers), 400, 'validation_failed')
  isProblem(t, await admin('POST', '/config/calendars', CHRISTMAS, ICAL), 415)
  isProblem(t, await requester('POST', path, CHRISTMAS, ICAL), 403, 'forbidden')
  isProblem(t, await requester('DELETE', `${path}/2026-12-25`), 403, 'forbidden')
  isProblem(t, await admin('POST', '/config/calendars/999999/holidays', CHRISTMAS, ICAL), 404, 'not_found')
  t.same(await contentOf(desk), before, 'nothing changed')
})
