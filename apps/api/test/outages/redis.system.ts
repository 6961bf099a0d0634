import { outbox } from '@servicedesk/db'
import { type OwnRedis, startOwnPostgres, startOwnRedis, startOwnSystem, until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'

/** After a commit nothing waits for Redis; counting requests may, for a second. */
const ANSWERED_MS = 2_500
const DRAINED_MS = 30_000
const TICKET = {
  title: 'Screen stays black',
  description: 'Since this morning it stays black.',
  priority: 'High',
}

const outages: Record<
  string,
  { begin(redis: OwnRedis): Promise<void>; end(redis: OwnRedis): Promise<void> }
> = {
  'away (kill -9)': { begin: (redis) => redis.kill(), end: (redis) => redis.start('kept') },
  'frozen (SIGSTOP)': { begin: async (redis) => redis.freeze(), end: async (redis) => redis.thaw() },
}

const picture = (ticketId: string) => {
  const form = new FormData()
  form.append('ticket_id', ticketId)
  form.append('files', new Blob(['what the screen said\n'], { type: 'text/plain' }), 'screen.txt')
  return form
}

for (const [name, { begin, end }] of Object.entries(outages)) {
  t.test(`Redis ${name}: writes go on, and all is drained within 30 s of its return`, async (t) => {
    const [redis, postgres] = await Promise.all([startOwnRedis(t), startOwnPostgres(t)])
    const system = await startOwnSystem(t, { databaseUrl: postgres.url, redis: { REDIS_URL: redis.url } })
    let ended: string | undefined
    system.ended.then((how) => {
      ended = how
    })
    const owed = () => system.db.$count(outbox, sql`done_at IS NULL AND failed_at IS NULL`)
    const { body: first } = await system.send('POST', '/tickets', TICKET)
    await until('the first ticket to be worked on', async () => (await owed()) === 0)
    t.match((await system.send('GET', '/ready')).body, { status: 'ready' })

    await begin(redis)
    for (let turn = 0; turn < 3; turn += 1) {
      const answers = await Promise.all([
        system.send('POST', '/tickets', TICKET),
        system.send('POST', '/messages', { ticket_id: first.id, message: 'It is still black.' }),
        system.send('POST', '/files/upload', picture(first.ticket_id)),
        system.login(),
        system.send('GET', '/tickets'),
      ])
      for (const { status, body, tookMs } of answers) {
        t.ok(status >= 200 && status < 300, `${status} ${status < 300 ? '' : JSON.stringify(body)}`)
        t.ok(tookMs < ANSWERED_MS, `${Math.round(tookMs)} ms`)
      }
    }
    const ready = await system.send('GET', '/ready')
    t.equal(ready.status, 200)
    t.match(ready.body, { status: 'degraded', checks: { redis: { state: 'down' } } })
    t.ok((await owed()) > 0, 'what is owed waits')

    await end(redis)
    const back = performance.now()
    await until('all to be drained', async () => (await owed()) === 0, DRAINED_MS)
    t.comment(`drained within ${Math.round(performance.now() - back)} ms`)
    await until('it to say so', async () => (await system.send('GET', '/ready')).body.status === 'ready')
    t.equal(await system.db.$count(outbox, sql`failed_at IS NOT NULL`), 0)
    t.equal(ended, undefined, 'nothing died')
  })
}
