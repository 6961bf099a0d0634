import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { repositoryRoot } from '../../src/config.ts'
import { type Fault, startFakeDesk } from '../helpers/fake-desk.ts'
import { csvFile, fakeTime, folder, replayed, rowsFile } from '../helpers/run-replay.ts'

/** What can happen to an answer, each followed by a better one. */
const OUTAGES: Record<string, Fault> = {
  'a 503': { status: 503 },
  'a 502 of a proxy': { status: 502 },
  'a 429': { status: 429, headers: { 'retry-after': '1' } },
  'a broken connection': 'reset',
  'a lost answer': 'lose',
  'a first attempt in flight': { status: 409, body: { code: 'idempotency_key_in_flight' } },
}

for (const [what, fault] of Object.entries(OUTAGES)) {
  t.test(`every row is a ticket once in spite of ${what}`, async (t) => {
    const desk = await startFakeDesk(t)
    desk.fault = (_ticket, nth) => (nth <= 2 ? fault : undefined)
    const { code, summary } = await replayed(desk.url, [rowsFile(t, 20)])
    t.equal(code, 0)
    t.match(summary, {
      rows: 20,
      created: 20,
      refused: [],
      unanswered: [],
      unsent: 0,
      duplicates: [],
      lost: [],
    })
    t.equal(desk.tickets.length, 20)
    t.equal(new Set(desk.attempts).size, 20, 'a key a row')
    t.equal(desk.attempts.length, 60, 'kept across three attempts each')
    t.equal(
      Object.values(summary.retries).reduce((sum, count) => sum + count, 0),
      40,
    )
    t.equal(summary.answers_given_again, fault === 'lose' ? 20 : 0)
  })
}

t.test('a 429 is waited for as long as it says', async (t) => {
  const desk = await startFakeDesk(t)
  desk.fault = (_ticket, nth) => (nth === 1 ? { status: 429, headers: { 'retry-after': '300' } } : undefined)
  const deps = fakeTime()
  const { code } = await replayed(desk.url, [rowsFile(t, 1)], deps)
  t.equal(code, 0, 'although it is longer than the patience with an outage')
  t.ok(deps.waits.includes(300_000))
})

t.test('a server that stays away is given up, and what is not sent is said', async (t) => {
  const desk = await startFakeDesk(t)
  desk.fault = ({ title }) => (Number(title.slice(6)) > 10 ? { status: 503 } : undefined)
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 60)])
  t.equal(code, 1)
  t.equal(summary.created, 10)
  t.ok(summary.unanswered.length >= 1)
  t.equal(summary.created + summary.unanswered.length + summary.unsent, 60)
  t.match(summary.unanswered[0], { reason: 'status 503' })
  t.ok(summary.problems.some((words) => /not sent, because the server was gone/.test(words)))
  t.equal(desk.tickets.length, 10)
})

t.test('a refused row is reported with its line, and the rest goes on', async (t) => {
  const desk = await startFakeDesk(t)
  const file = csvFile(
    t,
    'title,body\r\n"Two\r\nlines","A body\r\nof three\r\nlines"\r\n\r\nShort,tiny\r\nFine,A body that is fine\r\nAgain,no\r\n',
  )
  const { code, summary } = await replayed(desk.url, [file])
  t.equal(code, 0, 'a row that says too little is not lost')
  t.equal(summary.created, 2)
  t.same(
    summary.refused.map(({ line, status, reason }) => [line, status, reason]),
    [
      [7, 400, 'description: is too short'],
      [9, 400, 'description: is too short'],
    ],
  )
})

t.test('an error of the server is a problem, and not tried again', async (t) => {
  const desk = await startFakeDesk(t)
  desk.fault = ({ title }) => (title === 'Title 2' ? { status: 500, body: { detail: 'Sorry' } } : undefined)
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 3)])
  t.equal(code, 1)
  t.same(summary.refused, [{ line: 3, status: 500, reason: 'Sorry' }])
  t.equal(desk.attempts.length, 3)
})

t.test('--limit takes the first rows, --rate their pace', async (t) => {
  const desk = await startFakeDesk(t)
  const deps = fakeTime()
  const { summary } = await replayed(desk.url, [rowsFile(t, 50), '--limit', '21', '--rate', '2'], deps)
  t.equal(summary.rows, 21)
  t.same(
    desk.tickets
      .map(({ title }) => Number(title.slice(6)))
      .sort((a, b) => a - b)
      .at(-1),
    21,
  )
  t.equal(summary.sending_seconds, 10, '21 tickets at 2 a second are 20 gaps')
})

t.test('--attach gives every 5th a photograph, in turn, and looks at its thumbnail', async (t) => {
  const desk = await startFakeDesk(t)
  const dir = folder(t)
  const photo = join(repositoryRoot, 'packages/files/test/fixtures/Portrait_5.jpg')
  for (const name of ['b.JPG', 'a.jpg', 'notes.txt']) copyFileSync(photo, join(dir, name))
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 11), '--attach', dir])
  t.equal(code, 0)
  const photos = Object.fromEntries(desk.tickets.map(({ title, photo }) => [title, photo]))
  t.match(photos, { 'Title 1': 'a.jpg', 'Title 6': 'b.JPG', 'Title 11': 'a.jpg' })
  t.equal(Object.values(photos).filter(Boolean).length, 3)
  t.same(summary.thumbnails, { expected: 3, ready: 3, missing: [] })
  desk.thumbnailStatus = 202
  const again = await replayed(desk.url, [rowsFile(t, 6), '--attach', dir])
  t.equal(again.code, 1, 'a thumbnail that is not there is a problem')
  t.equal(again.summary.thumbnails?.missing.length, 2)
})
