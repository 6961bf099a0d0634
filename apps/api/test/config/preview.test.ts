import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies } from '../helpers/refusals.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const requester = sender(desk, await desk.person('Normal User'))

const at = (weekday: number, start: string, end: string) => ({ weekday, start, end })
let count = 0
/** Answers how a new calendar is previewed. */
async function calendar(time_zone: string, intervals: object[], holidays: string[] = []) {
  count += 1
  const answer = await admin('POST', '/config/calendars', {
    name: `Calendar ${count}`,
    time_zone,
    intervals,
    holidays: holidays.map((date) => ({ date, name: 'Off' })),
  })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  const path = `/config/calendars/${answer.json().id}/preview`
  const ask = async (body: object) => {
    const preview = await requester('POST', path, body)
    if (preview.statusCode !== 200) throw new Error(preview.body)
    return preview.json()
  }
  return {
    path,
    due: async (from: string, seconds: number) => (await ask({ from, seconds })).due_at,
    between: async (from: string, to: string) => (await ask({ from, to })).seconds,
  }
}
const nine = [1, 2, 3, 4, 5].map((day) => at(day, '09:00', '17:00'))
const nights = [1, 2, 3, 4, 5, 6, 7].map((day) => at(day, '22:00', '06:00'))
const always = [1, 2, 3, 4, 5, 6, 7].map((day) => at(day, '00:00', '24:00'))
const HOUR = 3_600

t.test('over a weekend and a holiday', async (t) => {
  const { due, between } = await calendar('Europe/London', nine, ['2026-12-25'])
  // Thursday 16:00, an hour; Friday is Christmas; three on Monday.
  t.equal(await due('2026-12-24T16:00:00Z', 4 * HOUR), '2026-12-28T12:00:00.000Z')
  t.equal(await between('2026-12-24T16:00:00Z', '2026-12-28T12:00:00Z'), 4 * HOUR)
  t.equal(await due('2026-12-26T03:00:00+02:00', 0), '2026-12-26T01:00:00.000Z', 'no time is none')
  t.equal(await between('2026-12-25T00:00:00Z', '2026-12-28T00:00:00Z'), 0)
  t.equal(await between('2026-12-24T10:00:00.250Z', '2026-12-24T10:00:01Z'), 0.75)
  t.same(await due('2026-12-24T17:00:00+01:00', 30 * 60), '2026-12-24T16:30:00.000Z', 'in any zone')
})

t.test('nights on which the clocks change', async (t) => {
  const berlin = await calendar('Europe/Berlin', nights)
  t.equal(
    await berlin.between('2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'),
    7 * HOUR,
    'an hour is missing',
  )
  t.equal(
    await berlin.between('2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'),
    9 * HOUR,
    'an hour comes twice',
  )
  t.equal(await berlin.due('2026-03-28T21:00:00Z', 7 * HOUR), '2026-03-29T04:00:00.000Z')
  const lordHowe = await calendar('Australia/Lord_Howe', nights)
  t.equal(
    await lordHowe.between('2026-04-04T01:00:00Z', '2026-04-05T01:00:00Z'),
    8.5 * HOUR,
    'half an hour twice',
  )
  const apia = await calendar('Pacific/Apia', always)
  t.equal(await apia.between('2011-12-29T10:00:00Z', '2011-12-31T10:00:00Z'), 48 * HOUR, 'a day that was not')
  const saoPaulo = await calendar('America/Sao_Paulo', [at(7, '00:00', '01:00')])
  t.equal(
    await saoPaulo.between('2018-11-04T00:00:00Z', '2018-11-05T00:00:00Z'),
    0,
    'the hour that was skipped',
  )
  const kathmandu = await calendar('Asia/Kathmandu', nine)
  t.equal(await kathmandu.due('2026-03-02T00:00:00Z', 60), '2026-03-02T03:16:00.000Z', '9:00 is 3:15 in UTC')
})

t.test('bad questions', async (t) => {
  const { path } = await calendar('UTC', [at(3, '12:00', '12:01')])
  const from = '2026-01-01T00:00:00Z'
  await refusesBodies(t, desk, (body) => requester('POST', path, body), [
    ['from', { seconds: 1 }],
    ['from', { from: '2026-01-01', seconds: 1 }],
    ['from', { from: '2026-01-01T00:00:00', seconds: 1 }],
    ['from', { from: '2026-02-30T00:00:00Z', seconds: 1 }],
    ['from', { from: '1969-12-31T00:00:00Z', seconds: 1 }],
    ['from', { from: '2201-01-01T00:00:00Z', seconds: 1 }],
    ['from', { from: 1_767_225_600, seconds: 1 }],
    ['seconds', { from }],
    ['seconds', { from, seconds: -1 }],
    ['seconds', { from, seconds: 1.5 }],
    ['seconds', { from, seconds: '60' }],
    ['seconds', { from, seconds: 400_000_000 }],
    // Ten years of a minute a week would be five million weeks.
    ['seconds', { from, seconds: 300_000_000 }],
    ['to', { from, to: '2025-12-31T23:59:59Z' }],
    ['to', { from, to: 'tomorrow' }],
    ['to', { from, to: '2026-01-02T00:00:00Z', seconds: 1 }],
    ['until', { from, until: '2026-01-02T00:00:00Z' }],
  ])
  isProblem(t, await requester('POST', '/config/calendars/999999/preview', { from, seconds: 1 }), 404)
  isProblem(t, await sender(desk)('POST', path, { from, seconds: 1 }), 401)
})

t.test('what an edit says is previewed at once', async (t) => {
  const { path, due } = await calendar('UTC', always)
  t.equal(await due('2026-06-01T00:00:00Z', HOUR), '2026-06-01T01:00:00.000Z')
  await admin('POST', path.replace('preview', 'holidays'), { date: '2026-06-01', name: 'Off' })
  t.equal(await due('2026-06-01T00:00:00Z', HOUR), '2026-06-02T01:00:00.000Z')
})
