import { outbox } from '@servicedesk/db'
import {
  type Answer,
  type OwnPostgres,
  startOwnPostgres,
  startOwnRedis,
  startOwnSystem,
  until,
} from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'

const TICKET = {
  title: 'Screen stays black',
  description: 'Since this morning it stays black.',
  priority: 'High',
}
const RECOVERED_MS = 30_000

const outages: Record<
  string,
  {
    begin(postgres: OwnPostgres): Promise<void>
    end(postgres: OwnPostgres): Promise<void>
    answeredMs: number
  }
> = {
  'away (kill -9)': { begin: (each) => each.kill(), end: (each) => each.start(), answeredMs: 8_000 },
  'frozen (SIGSTOP)': {
    begin: async (each) => each.freeze(),
    end: async (each) => each.thaw(),
    answeredMs: 20_000,
  },
}

for (const [name, { begin, end, answeredMs }] of Object.entries(outages)) {
  t.test(`PostgreSQL ${name}: 503 that says when to try again, and it recovers unaided`, async (t) => {
    const [redis, postgres] = await Promise.all([startOwnRedis(t), startOwnPostgres(t)])
    const system = await startOwnSystem(t, { databaseUrl: postgres.url, redis: { REDIS_URL: redis.url } })
    let ended: string | undefined
    system.ended.then((how) => {
      ended = how
    })
    const { body: first } = await system.send('POST', '/tickets', TICKET)
    // Until the pool is full, a request may get a new connection, which fails sooner than one that is open and silent.
    await Promise.all(Array.from({ length: 60 }, () => system.send('GET', '/tickets')))
    const form = new FormData()
    form.append('ticket_id', first.ticket_id)
    form.append('files', new Blob(['what the screen said\n'], { type: 'text/plain' }), 'screen.txt')

    await begin(postgres)
    const answers: Answer[] = await Promise.all([
      system.login(),
      system.send('GET', '/tickets'),
      system.send('GET', `/tickets/${first.id}`),
      system.send('POST', '/tickets', TICKET),
      system.send('POST', '/files/upload', form),
      system.send('GET', '/auth/me'),
      system.send('GET', '/config/priorities'),
      system.send('GET', '/ready'),
    ])
    const ready = answers.pop()
    for (const { status, headers, body, tookMs } of answers) {
      t.equal(status, 503)
      t.match(headers.get('retry-after'), /^\d+$/)
      t.match(body, { type: 'about:blank', status: 503, code: 'database_unavailable', errors: [] })
      t.ok(tookMs < answeredMs, `${Math.round(tookMs)} ms`)
    }
    t.equal(ready?.status, 503)
    t.match(ready?.body, { status: 'unavailable', checks: { postgres: { state: 'down' } } })
    t.equal((await system.send('GET', '/health')).status, 200)

    await end(postgres)
    await until(
      'it to work again',
      async () => (await system.send('POST', '/tickets', TICKET)).status === 201,
      RECOVERED_MS,
    )
    const owed = () => system.db.$count(outbox, sql`done_at IS NULL AND failed_at IS NULL`)
    await until('all to be drained', async () => (await owed().catch(() => 1)) === 0, RECOVERED_MS)
    t.equal((await system.login()).status, 200)
    t.equal(ended, undefined, 'nothing died')
  })
}
