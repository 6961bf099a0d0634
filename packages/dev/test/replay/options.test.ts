import t from 'tap'
import { readOptions } from '../../src/replay/options.ts'
import { fakeTime, folder, rowsFile, runReplay } from '../helpers/run-replay.ts'

const options = (...args: string[]) => {
  const read = readOptions(args)
  if (read === 'help') throw new Error('only help')
  return read
}

t.test('what is not said has a default', async (t) => {
  t.match(options(), {
    file: /packages\/dev\/samples\/tickets\.csv$/,
    api: 'http://127.0.0.1:3000/api/v1',
    limit: undefined,
    rate: undefined,
    attach: undefined,
    json: false,
    timeoutSeconds: 120,
    requester: { email: 'user1@example.com' },
    admin: { email: 'admin@example.com' },
  })
  const all = options('a.csv', '--limit', '5', '--rate=0.5', '--attach', 'photos', '--json', '--timeout', '9')
  t.match(all, { file: 'a.csv', limit: 5, rate: 0.5, attach: 'photos', json: true, timeoutSeconds: 9 })
})

t.test('staff comes with --teams, and what is not said of it has a default', async (t) => {
  t.equal(options().staff, undefined)
  t.strictSame(options('--teams', '3').staff, {
    teams: 3,
    agents: 9,
    maxTickets: 15,
    skills: false,
    resolveRate: undefined,
  })
  const all = ['--teams=2', '--agents=5', '--max-tickets=4', '--skills', '--resolve-rate=0.5']
  t.strictSame(options(...all).staff, { teams: 2, agents: 5, maxTickets: 4, skills: true, resolveRate: 0.5 })
})

t.test('the address in every form that people paste', async (t) => {
  for (const url of [
    'http://desk:8080',
    'http://desk:8080/',
    'http://desk:8080/api',
    'http://desk:8080/api/v1/',
  ]) {
    t.equal(options('--url', url).api, 'http://desk:8080/api/v1', url)
  }
  t.equal(options('--url', 'https://x.example/desk/api').api, 'https://x.example/desk/api/v1')
})

t.test('nonsense is one sentence and a non-zero exit, and nothing is sent', async (t) => {
  const file = rowsFile(t, 1)
  const cases: [string[], RegExp][] = [
    [['--limit', '0'], /^--limit must be a number above 0, not "0"\.$/],
    [['--limit', '1.5'], /^--limit must be a whole number of rows\.$/],
    [['--limit', 'many'], /^--limit must be a number/],
    [['--limit', ''], /^--limit must be a number/],
    [['--rate', '-1'], /--rate/],
    [['--rate=-1'], /^--rate must be a number above 0, not "-1"\.$/],
    [['--rate', 'Infinity'], /^--rate must be a number/],
    [['--timeout', '0'], /^--timeout must be a number/],
    [['--teams', '0'], /^--teams must be a number above 0, not "0"\.$/],
    [['--teams', '2.5'], /^--teams must be a whole number of teams\.$/],
    [['--teams', '21'], /^--teams must be at most 20, not 21\.$/],
    [['--teams', '3', '--agents', '2'], /^--agents must be at least 3, or a team has none\.$/],
    [['--teams', '3', '--agents', '101'], /^--agents must be at most 100/],
    [['--teams', '3', '--max-tickets=-1'], /^--max-tickets must be a number above 0, not "-1"\.$/],
    [['--teams', '3', '--resolve-rate=-1'], /^--resolve-rate must be a number above 0, not "-1"\.$/],
    [['--teams', '3', '--resolve-rate', '0'], /^--resolve-rate must be a number above 0/],
    [['--resolve-rate', '5'], /^--resolve-rate needs --teams\.$/],
    [['--skills'], /^--skills needs --teams\.$/],
    [['--agents', '5'], /^--agents needs --teams\.$/],
    [['--max-tickets', '5'], /^--max-tickets needs --teams\.$/],
    [['--url', 'localhost:3000'], /^--url must be an http:\/\/ or https:\/\/ address/],
    [['--url', 'ftp://desk'], /^--url must be/],
    [['--colour'], /^Unknown option '--colour'; --help names the options\.$/],
    [['--limit'], /--limit.*--help names the options\.$/],
    [['--json=yes'], /--json.*--help names the options\.$/],
    [['other.csv'], /^One file at a time, not 2; --help says how\.$/],
    [['--attach', folder(t)], /has no photographs/],
    [['--attach', '/no/such/folder'], /^\/no\/such\/folder cannot be read/],
  ]
  for (const [args, message] of cases) {
    const fetch = () => {
      throw new Error('nothing is sent')
    }
    const deps = { ...fakeTime(), fetch }
    const { code, out, err } = await runReplay([file, ...args], deps)
    const what = args.join(' ')
    t.equal(code, 1, what)
    t.equal(out, '', what)
    t.match(err.trimEnd(), message, what)
    t.equal(err.trimEnd().split('\n').length, 1, `${what}: one line`)
  }
})

t.test('--help is no error', async (t) => {
  for (const args of [['--help'], ['-h'], ['a.csv', '--help']]) {
    const { code, out, err } = await runReplay(args)
    t.match({ code, err }, { code: 0, err: '' })
    for (const name of [
      '--url',
      '--limit',
      '--rate',
      '--attach',
      '--json',
      '--timeout',
      '--teams',
      '--resolve-rate',
    ])
      t.ok(out.includes(name))
  }
})
