import t from 'tap'
import { DRAINED, startFakeDesk } from '../helpers/fake-desk.ts'
import { addFakeTeams, type FakeAgent } from '../helpers/fake-teams.ts'
import { csvFile, replayed, runReplay } from '../helpers/run-replay.ts'

type Test = Parameters<typeof csvFile>[0]

/** Rows of the categories that the data's numbers stand for. */
function rowsOf(t: Test, counts: { Hardware?: number; Software?: number; Network?: number }): string {
  const number = { Hardware: 5, Software: 1, Network: 6 }
  const rows = Object.entries(counts).flatMap(([name, count]) =>
    Array.from(
      { length: count },
      (_, i) => `${name} ${i},A long body ${i},${number[name as keyof typeof number]}`,
    ),
  )
  return csvFile(t, ['title,body,category', ...rows].join('\n'))
}

async function setUp(t: Test & Parameters<typeof startFakeDesk>[0]) {
  const desk = await startFakeDesk(t)
  return { desk, fake: addFakeTeams(desk) }
}

const two = ['--teams', '2', '--agents', '4', '--max-tickets', '3']

t.test('teams share the categories by their rows, and the desk gets its own back', async (t) => {
  const { desk, fake } = await setUp(t)
  const taken: (string | null)[][] = []
  const { onCreated } = desk
  desk.onCreated = (ticket) => {
    taken.push(fake.categories.map(({ team }) => team))
    onCreated(ticket)
  }
  const file = rowsOf(t, { Hardware: 4, Software: 2, Network: 1 })
  const { code, summary } = await replayed(desk.url, [file, ...two, '--skills'])
  t.equal(code, 0)
  t.strictSame(taken[0], ['Replay team 1', 'Replay team 2', 'Replay team 2', 'Replay team 2'])
  t.strictSame(
    fake.categories.map(({ team }) => team),
    [null, null, 'Second line', null],
  )
  t.match(summary.staff, {
    strategy: 'workload',
    teams: [
      {
        name: 'Replay team 1',
        categories: ['Hardware'],
        agents: [
          { load: 2, max: 3 },
          { load: 2, max: 3 },
        ],
        spread: 0,
      },
      { name: 'Replay team 2', agents: [{ load: 2 }, { load: 1 }], spread: 1 },
    ],
    over_cap: [],
    resolved: 0,
    problems: [],
  })
  t.match(fake.agents[0], { team: 'Replay team 1', max_tickets: 3, skills: [{ category: 'Hardware' }] })
})

t.test('what waits is drained as tickets are resolved, and each refill is timed', async (t) => {
  const { desk, fake } = await setUp(t)
  const file = rowsOf(t, { Hardware: 20, Network: 9 })
  const { code, summary, out } = await replayed(desk.url, [file, ...two, '--resolve-rate', '50'])
  t.equal(code, 0, out)
  t.match(summary.staff, {
    resolved: 29,
    not_resolved: [],
    teams: [
      { waiting: { most: 14, when_sent: 14, at_end: 0 }, spread: 0, agents: [{ load: 3 }, { load: 3 }] },
      { waiting: { most: 3, when_sent: 3, at_end: 0 }, spread: 0 },
    ],
  })
  t.ok(fake.work.every(({ isDone }) => isDone))
  for (const { refill_ms } of summary.staff?.teams ?? [])
    t.ok((refill_ms?.p50 ?? 0) >= 40, 'refills are timed')
  t.ok((summary.staff?.resolving_seconds ?? 0) >= 28 / 50, 'no faster than asked')
})

t.test('without resolving, waiting is no fault', async (t) => {
  const { desk } = await setUp(t)
  const { code, summary } = await replayed(desk.url, [rowsOf(t, { Hardware: 10 }), ...two])
  t.equal(code, 0)
  t.match(summary.staff?.teams[0]?.waiting, { when_sent: 4, at_end: 4 })
})

t.test('a desk that was used before: its agents, their tickets and its queue', async (t) => {
  const { desk, fake } = await setUp(t)
  await replayed(desk.url, [
    rowsOf(t, { Hardware: 8 }),
    '--teams',
    '2',
    '--agents',
    '6',
    '--max-tickets',
    '2',
  ])
  t.equal(fake.work.filter(({ agent }) => agent).length, 6)
  const { code, summary, out } = await replayed(desk.url, [
    rowsOf(t, { Hardware: 6 }),
    ...two,
    '--resolve-rate',
    '100',
  ])
  t.equal(code, 0, out)
  t.equal(fake.agents.length, 6, 'no agent is made twice')
  t.strictSame(
    fake.agents.map(({ team, is_available }) => [team, is_available]),
    [
      ['Replay team 1', true],
      ['Replay team 2', true],
      ['Replay team 1', true],
      ['Replay team 2', true],
      [null, false],
      [null, false],
    ],
  )
  t.strictSame(fake.teams, ['Second line', 'Replay team 1', 'Replay team 2'])
  t.match(summary.staff?.teams[0]?.waiting, { at_end: 0 })
  const left = fake.work.filter(({ isDone }) => !isDone)
  t.strictSame(
    left.map(({ agent }) => agent?.email),
    Array(2).fill('replay-agent-5@example.com'),
  )
})

t.test('broken promises are told, and end with a non-zero exit', async (t) => {
  const cases: [spoil: (fake: ReturnType<typeof addFakeTeams>) => void, args: string[], problem: RegExp][] = [
    [(fake) => (fake.choose = (free) => free[0]), [], /^Replay team 1: the loads of equals differ by 3$/],
    [(fake) => (fake.hasRoom = () => true), [], /^Replay agent \d had \d tickets, at most 3 allowed$/],
    [
      (fake) => (fake.choose = () => undefined),
      [],
      /^Replay team 1: tickets waited though somebody had room, at/,
    ],
    [
      (fake) => (fake.refills = () => false),
      ['--resolve-rate', '100'],
      /^Replay team 1: 2 tickets never got an agent$/,
    ],
  ]
  for (const [spoil, args, problem] of cases) {
    const { desk, fake } = await setUp(t)
    spoil(fake)
    const rows = String(problem).includes('differ') ? 3 : 8
    const { code, summary } = await replayed(desk.url, [rowsOf(t, { Hardware: rows }), ...two, ...args])
    t.equal(code, 1, String(problem))
    t.ok(
      summary.problems.some((each) => problem.test(each)),
      summary.problems.join('; '),
    )
  }
})

t.test('equal loads are promised by one strategy only', async (t) => {
  const { desk, fake } = await setUp(t)
  fake.strategy = 'score'
  fake.choose = (free: readonly FakeAgent[]) => free[0]
  const { code, summary } = await replayed(desk.url, [rowsOf(t, { Hardware: 3 }), ...two])
  t.equal(code, 0)
  t.match(summary.staff, { strategy: 'score', teams: [{ spread: 3 }, {}] })
})

t.test('a ticket that cannot be resolved holds up nothing', async (t) => {
  const { desk } = await setUp(t)
  desk.overrides.set('PUT /tickets/1002/status', { status: 409, body: { detail: 'not while it rains' } })
  const file = rowsOf(t, { Hardware: 8 })
  const { code, summary } = await replayed(desk.url, [file, ...two, '--resolve-rate', '100'])
  t.equal(code, 1)
  t.match(summary.staff, { resolved: 7, not_resolved: [{ ticket_id: 1002, reason: 'not while it rains' }] })
  t.same(summary.problems, ['1 ticket could not be resolved, the first for: not while it rains'])
})

t.test('a server without the routes is told of before anything is sent', async (t) => {
  const { desk, fake } = await setUp(t)
  const file = rowsOf(t, { Hardware: 3 })
  for (const route of ['POST /config/teams', 'POST /users', 'PUT /config/categories/3']) {
    desk.overrides.set(route, { status: 404, body: { detail: 'There is no such route' } })
    const { code, out, err } = await runReplay([file, ...two, '--url', desk.url])
    t.equal(code, 1, route)
    t.equal(out, '')
    t.match(err, new RegExp(`^The replay cannot begin: .*${route} was refused: There is no such route\n$`))
    desk.overrides.clear()
  }
  t.equal(desk.attempts.length, 0)
  t.strictSame(
    fake.categories.map(({ team }) => team),
    [null, null, 'Second line', null],
    'what was changed before is changed back',
  )
})

t.test('categories that cannot be given back are a problem', async (t) => {
  const { desk } = await setUp(t)
  desk.figures = () => {
    if (desk.attempts.length > 0)
      desk.overrides.set('PUT /config/categories/1', { status: 500, body: { detail: 'out of order' } })
    return DRAINED
  }
  const { code, summary } = await replayed(desk.url, [rowsOf(t, { Hardware: 1 }), ...two])
  t.equal(code, 1)
  t.match(summary.problems, [/^the categories were not given back: .* out of order$/])
})

t.test('people read it in 80 columns', async (t) => {
  const { desk } = await setUp(t)
  const file = rowsOf(t, { Hardware: 8, Network: 2 })
  const { code, out } = await runReplay([file, '--url', desk.url, ...two, '--resolve-rate', '100'])
  t.equal(code, 0)
  t.match(
    out,
    /Replay team 1: Hardware\n {2}loads when all was sent +3, 3 of 3\n {2}spread among equals +0\n/,
  )
  t.match(out, /waiting at most +2\n/)
  t.match(out, /from resolved to the next +p50 \d+ ms/)
  t.match(out, /over the cap +0 agents, at \d+ looks\n {2}resolved +10 in/)
  for (const line of out.split('\n')) t.ok([...line].length <= 80, line)
})
