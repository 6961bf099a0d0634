import { calendars, calendarVersions } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { asc, eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { type BadBody, refusesBodies, refusesInUse } from '../helpers/refusals.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const second = sender(desk, await desk.person('System Admin'))
const requester = sender(desk, await desk.person('Normal User'))

const at = (weekday: number, start: string, end: string) => ({ weekday, start, end })
const weekdays = (start: string, end: string, days = [1, 2, 3, 4, 5]) =>
  days.map((day) => at(day, start, end))
const OFFICE = { time_zone: 'Europe/Berlin', intervals: weekdays('09:00', '17:30'), holidays: [] }
const make = async (body: object) => {
  const answer = await admin('POST', '/config/calendars', { ...OFFICE, ...body })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json()
}
const versionsOf = (id: number) =>
  desk.db
    .select()
    .from(calendarVersions)
    .where(eq(calendarVersions.calendarId, id))
    .orderBy(asc(calendarVersions.id))
const recomputes = async () => (await desk.owed()).filter(({ name }) => name === 'sla.recompute').length

t.test('made, read, and what tickets count by', async (t) => {
  const body = {
    name: 'Office',
    time_zone: 'europe/berlin',
    intervals: [at(5, '22:00', '06:00'), ...weekdays('09:00', '12:00'), ...weekdays('13:00', '17:30')],
    holidays: [
      { date: '2026-12-26', name: ' Boxing Day ' },
      { date: '2026-12-25', name: 'Christmas Day' },
    ],
  }
  const answer = await admin('POST', '/config/calendars', body)
  t.equal(answer.statusCode, 201, answer.body)
  const { id } = answer.json()
  t.same(answer.json(), {
    id,
    name: 'Office',
    time_zone: 'Europe/Berlin',
    intervals: [1, 2, 3, 4, 5]
      .flatMap((day) => [at(day, '09:00', '12:00'), at(day, '13:00', '17:30')])
      .concat([at(5, '22:00', '06:00')]),
    holidays: [
      { date: '2026-12-25', name: 'Christmas Day' },
      { date: '2026-12-26', name: 'Boxing Day' },
    ],
  })
  t.same((await requester('GET', `/config/calendars/${id}`)).json(), answer.json())
  const [policy] = (await admin('GET', '/config/sla-policies')).json()
  const moved = await admin('PUT', `/config/sla-policies/${policy.id}`, { calendar_id: id })
  t.equal(moved.json().calendar_id, id)
  const ticket = await makeTicket(requester, { priority: policy.priority })
  const shown = (await requester('GET', `/tickets/${ticket.id}`)).json()
  const counted = await requester('POST', `/config/calendars/${id}/preview`, {
    from: shown.created_at,
    to: shown.sla.resolution.due_at,
  })
  t.equal(counted.json().seconds, policy.resolution_minutes * 60)
  await refusesInUse(t, desk, () => admin('DELETE', `/config/calendars/${id}`), /1 SLA policies/)
})

t.test('each edit of what it says is a version of its own; the older ones never change', async (t) => {
  const { id, ...made } = await make({ name: 'Versioned' })
  const first = await versionsOf(id)
  t.equal(first.length, 1)
  const owed = await recomputes()
  const edits: object[] = [
    { time_zone: 'America/New_York' },
    { intervals: [at(1, '00:00', '24:00')] },
    { holidays: [{ date: '2026-12-24', name: 'Party' }] },
  ]
  for (const [n, edit] of edits.entries()) {
    const answer = await admin('PUT', `/config/calendars/${id}`, edit)
    t.match(answer.json(), edit, 'what is not sent stays')
    const versions = await versionsOf(id)
    t.equal(versions.length, n + 2)
    t.same(versions.slice(0, 1), first)
    t.equal(await recomputes(), owed + n + 1, 'open clocks hear of it')
  }
  const shown = (await admin('GET', `/config/calendars/${id}`)).json()
  t.same(shown, { ...made, id, ...Object.assign({}, ...edits) })
  const before = await contentOf(desk)
  t.equal((await admin('PUT', `/config/calendars/${id}`, shown)).statusCode, 200)
  t.same(await contentOf(desk), before, 'what is read may come back')
  await admin('PUT', `/config/calendars/${id}`, { name: 'Renamed' })
  t.equal((await versionsOf(id)).length, 4, 'a name is no version')
  t.equal(await recomputes(), owed + 3)
})

t.test('two admins, two holidays, neither lost', async (t) => {
  const { id } = await make({ name: 'Shared' })
  const dates = Array.from({ length: 10 }, (_, n) => `2027-05-${10 + n}`)
  const answers = await Promise.all(
    dates.map((date, n) =>
      (n % 2 ? admin : second)('POST', `/config/calendars/${id}/holidays`, { date, name: 'Off' }),
    ),
  )
  t.ok(answers.every(({ statusCode }) => statusCode === 200))
  const shown = (await admin('GET', `/config/calendars/${id}`)).json()
  t.same(
    shown.holidays.map(({ date }: { date: string }) => date),
    dates,
  )
})

const everyMonday = Array.from({ length: 522 }, (_, n) => {
  const monday = new Date(Date.UTC(2026, 0, 5) + n * 7 * 86_400_000)
  return { date: monday.toISOString().slice(0, 10), name: 'Closed' }
})
const allMondays = (now: Date) => {
  const first = Date.UTC(2026, 0, 5)
  const weeks = Math.ceil((now.getTime() - first) / (7 * 86_400_000)) + 525
  return Array.from({ length: weeks }, (_, n) => ({
    date: new Date(first + n * 7 * 86_400_000).toISOString().slice(0, 10),
    name: 'Closed',
  }))
}
const day = (date: string) => ({ holidays: [{ date, name: 'Off' }] })
const BAD: BadBody[] = [
  ['name', { name: ' ' }],
  ['name', { name: 'x'.repeat(101) }],
  ...[
    '',
    'Mars/Olympus',
    '+02:00',
    'UTC+2',
    'GMT+1',
    'PST',
    'IST',
    'SystemV/PST8',
    'Europe/Berlin ',
    'Z',
  ].map((zone): BadBody => ['time_zone', { time_zone: zone }]),
  ['time_zone', { time_zone: 2 }],
  ['intervals', { intervals: [] }],
  ['intervals', { intervals: null }],
  ['intervals', { intervals: Array(51).fill(at(1, '09:00', '10:00')) }],
  ['intervals.0.weekday', { intervals: [at(0, '09:00', '10:00')] }],
  ['intervals.0.weekday', { intervals: [at(8, '09:00', '10:00')] }],
  ['intervals.1.start', { intervals: [at(1, '09:00', '10:00'), at(2, '24:00', '10:00')] }],
  ['intervals.0.start', { intervals: [at(1, '9:00', '10:00')] }],
  ['intervals.0.start', { intervals: [at(1, '09:60', '10:00')] }],
  ['intervals.0.end', { intervals: [at(1, '09:00', '24:01')] }],
  ['intervals.0.end', { intervals: [at(1, '09:00', '25:00')] }],
  ['intervals.0.end', { intervals: [{ weekday: 1, start: '09:00' }] }],
  ['intervals.0.pause', { intervals: [{ ...at(1, '09:00', '10:00'), pause: 1 }] }],
  ['intervals.1', { intervals: [at(1, '09:00', '12:00'), at(1, '11:59', '13:00')] }],
  ['intervals.1', { intervals: [at(2, '00:00', '01:00'), at(1, '22:00', '00:01')] }],
  ['intervals.1', { intervals: [at(1, '00:00', '08:00'), at(7, '22:00', '06:00')] }],
  ['intervals.2', { intervals: [at(1, '09:00', '09:00'), at(3, '08:00', '09:00'), at(2, '08:59', '10:00')] }],
  ['holidays.0.date', day('2026-02-30')],
  ['holidays.0.date', day('2025-02-29')],
  ['holidays.0.date', day('2026-13-01')],
  ['holidays.0.date', day('1969-12-31')],
  ['holidays.0.date', day('2201-01-01')],
  ['holidays.0.date', day('25.12.2026')],
  ['holidays.0.name', { holidays: [{ date: '2026-12-25', name: '' }] }],
  ['holidays.0.name', { holidays: [{ date: '2026-12-25' }] }],
  [
    'holidays.1.date',
    {
      holidays: [
        { date: '2026-12-25', name: 'A' },
        { date: '2026-12-25', name: 'B' },
      ],
    },
  ],
  ['holidays', { holidays: Array(2_001).fill({ date: '2026-12-25', name: 'A' }) }],
  ['intervals', { intervals: [at(1, '09:00', '17:00')], holidays: allMondays(new Date()) }],
  ['zone', { zone: 'UTC' }],
]

t.test('bad bodies', async (t) => {
  const { id } = await make({ name: 'To be spoilt' })
  const fine = { ...OFFICE, name: 'Fine' }
  await refusesBodies(t, desk, (body) => admin('POST', '/config/calendars', { ...fine, ...body }), BAD)
  await refusesBodies(t, desk, (body) => admin('PUT', `/config/calendars/${id}`, { ...fine, ...body }), BAD)
  const { name, time_zone, intervals } = fine
  await refusesBodies(t, desk, (body) => admin('POST', '/config/calendars', body), [
    ['name', { time_zone, intervals }],
    ['time_zone', { name, intervals }],
    ['intervals', { name, time_zone }],
  ])
  isProblem(t, await admin('POST', '/config/calendars', { ...fine, name: '24X7' }), 409, 'already_exists')
  isProblem(t, await admin('PUT', '/config/calendars/999999', fine), 404, 'not_found')
})

t.test('what nearly overlaps, odd zones, and the most that there may be', async (t) => {
  const fine: object[] = [
    { intervals: [at(7, '22:00', '06:00'), at(1, '06:00', '22:00')] },
    { intervals: [at(1, '09:00', '09:00'), at(2, '09:00', '09:00')] },
    { intervals: [at(1, '00:00', '24:00'), at(2, '00:00', '00:00'), at(3, '00:00', '23:59')] },
    {
      intervals: Array.from({ length: 50 }, (_, n) =>
        at(1 + (n % 7), `0${Math.floor(n / 7)}:00`, `0${Math.floor(n / 7)}:30`),
      ),
    },
    { holidays: everyMonday },
    ...[
      'UTC',
      'Asia/Kathmandu',
      'Asia/Kolkata',
      'Etc/GMT+5',
      'America/Argentina/Buenos_Aires',
      'EST5EDT',
      'CET',
    ].map((time_zone) => ({ time_zone })),
  ]
  for (const [n, body] of fine.entries()) {
    const made = await make({ name: `Fine ${n}`, ...body })
    t.equal(made.intervals.length, Object.assign({ ...OFFICE }, body).intervals.length)
    t.equal(made.time_zone, Object.assign({ ...OFFICE }, body).time_zone)
    t.equal((await admin('DELETE', `/config/calendars/${made.id}`)).statusCode, 200)
  }
})

t.test('a calendar keeps the targets of its policies within reach', async (t) => {
  const { id } = await make({ name: 'Long' })
  const targets = { first_response_minutes: 1, resolution_minutes: 5_000_000 }
  const policy = await admin('POST', '/config/sla-policies', {
    name: 'Nine years',
    category: 'Access',
    calendar_id: id,
    ...targets,
  })
  t.equal(policy.statusCode, 201, policy.body)
  const little = { intervals: [at(3, '12:00', '12:01')] }
  await refusesBodies(t, desk, (body) => admin('PUT', `/config/calendars/${id}`, body), [
    ['intervals', little],
  ])
  const { id: other } = await make({ name: 'Little', ...little })
  await refusesBodies(t, desk, (body) => admin('PUT', `/config/sla-policies/${policy.json().id}`, body), [
    ['resolution_minutes', { calendar_id: other }],
  ])
})

t.test('deleted; what it said stays for the clocks that it timed', async (t) => {
  const { id } = await make({ name: 'Passing' })
  const [version] = await versionsOf(id)
  t.same((await admin('DELETE', `/config/calendars/${id}`)).json(), { message: 'Calendar deleted' })
  isProblem(t, await requester('GET', `/config/calendars/${id}`), 404, 'not_found')
  isProblem(t, await admin('DELETE', `/config/calendars/${id}`), 404, 'not_found')
  t.same(await desk.db.select().from(calendars).where(eq(calendars.id, id)), [])
  const [kept] = await desk.db.select().from(calendarVersions).where(eq(calendarVersions.id, version!.id))
  t.same(kept, { ...version, calendarId: null })
})
