import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { closeDatabase, createDatabase, settings, withSession } from '@servicedesk/db'
import { createTestDatabase, until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import t from 'tap'

const { db, url, drop } = await createTestDatabase()
t.teardown(drop)
const pidOf = async (handle: Pick<typeof db, 'execute'>) => {
  const [row] = await handle.execute<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`)
  return row!.pid
}
/** A query that meets the session while it dies fails with it; one of the next gets a new one. */
const newSession = (handle: typeof db) => until('a new session', () => pidOf(handle).catch(() => undefined))
const terminate = (pid: number) => db.execute(sql`SELECT pg_terminate_backend(${pid}::int)`)

t.test('sessions run in UTC, read bigint as a number and give up on endless statements', async (t) => {
  const { pathname } = new URL(url)
  const settings = { TimeZone: 'Asia/Kathmandu', DateStyle: 'SQL, DMY' }
  for (const [name, value] of Object.entries(settings)) {
    await db.$client.unsafe(`ALTER DATABASE ${pathname.slice(1)} SET ${name} = '${value}'`)
  }
  const patient = createDatabase(url, { max: 1, applicationName: 'shown', statementTimeoutMs: 50 })
  t.teardown(() => closeDatabase(patient))
  const [row] = await patient.execute(sql`
    SELECT current_setting('TimeZone') AS zone, 9007199254740991::bigint AS big, application_name AS app,
      ('2026-03-04T05:06:07Z'::timestamptz)::text AS written
    FROM pg_stat_activity WHERE pid = pg_backend_pid()`)
  t.strictSame(row, {
    zone: 'UTC',
    big: 9_007_199_254_740_991,
    app: 'shown',
    written: '2026-03-04 05:06:07+00',
  })
  await t.rejects(patient.execute(sql`SELECT pg_sleep(20)`), { cause: { code: '57014' } })
  t.ok(await pidOf(patient), 'and goes on')
})

t.test(
  'a session that the server ends inside a transaction is an error, not the end of the process',
  async (t) => {
    const victim = createDatabase(url, { max: 1 })
    t.teardown(() => closeDatabase(victim, 0))
    const dying = victim.transaction(async (tx) => {
      await tx.insert(settings).values({ key: 'half', value: 1 })
      await tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`)
    })
    await t.rejects(dying, { code: 'CONNECTION_CLOSED' })
    t.ok(await newSession(victim), 'queries get a new session')
    t.equal(await db.$count(settings, sql`key = 'half'`), 0)

    const waiting = victim.transaction(async (tx) => {
      const pid = await pidOf(tx)
      const sleeping = tx.execute(sql`SELECT pg_sleep(20)`)
      await Promise.all([sleeping, terminate(pid)])
    })
    await t.rejects(waiting, { code: 'CONNECTION_CLOSED' })
    t.ok(await newSession(victim))
  },
)

t.test('nothing of a transaction runs on after its session died, not even on the next session', async (t) => {
  const victim = createDatabase(url, { max: 1 })
  t.teardown(() => closeDatabase(victim, 0))
  const later: unknown[] = []
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const insert = (tx: Pick<typeof db, 'insert'>, key: string) => tx.insert(settings).values({ key, value: 1 })
  const dying = victim.transaction(async (tx) => {
    await insert(tx, 'before')
    await terminate(await pidOf(tx))
    // The pool's one connection is open again, and this transaction is of its former session.
    await newSession(victim)
    for (const attempt of [
      () => insert(tx, 'after'),
      () => tx.transaction((inner) => insert(inner, 'nested')),
      () => tx.execute(sql`COMMIT`),
    ]) {
      later.push(await Promise.resolve(attempt()).catch((error: Error) => error.cause ?? error))
    }
    finish()
  })
  await t.rejects(dying, { code: 'CONNECTION_CLOSED' })
  await finished
  t.match(later, [
    { code: 'CONNECTION_CLOSED' },
    { code: 'CONNECTION_CLOSED' },
    { code: 'CONNECTION_CLOSED' },
  ])
  t.equal(await db.$count(settings, sql`key IN ('before', 'after', 'nested')`), 0)
  t.ok(await pidOf(victim), 'the pool goes on')
})

t.test('other failures of a transaction stay what they are, and it can be used again', async (t) => {
  await t.rejects(
    db.transaction((tx) => tx.execute(sql`SELECT 1 / 0`)),
    { cause: { code: '22012' } },
  )
  await t.rejects(
    db.transaction(async (tx) => {
      await tx.insert(settings).values({ key: 'undone', value: 1 })
      throw new TypeError('ours')
    }),
    { name: 'TypeError', message: 'ours' },
  )
  t.equal(await db.transaction(async () => 'fine'), 'fine')
  t.equal(await db.$count(settings, sql`key = 'undone'`), 0)
})

t.test('a session of its own holds what belongs to it, and outlives its death', async (t) => {
  await withSession(db, async (session) => {
    const pid = await pidOf(session)
    t.equal(await pidOf(session), pid)
    await session.execute(sql`SELECT pg_advisory_lock(42)`)
    const tried = () => db.execute<{ held: boolean }>(sql`SELECT pg_try_advisory_xact_lock(42) AS held`)
    t.match(await tried(), [{ held: false }])
    await terminate(pid)
    const next = await newSession(session)
    t.not(next, pid)
    t.match(await tried(), [{ held: true }])
  })
})

t.test('a pool whose every connection broke is back within a second or so of the database', async (t) => {
  const pool = createDatabase(url)
  t.teardown(() => closeDatabase(pool))
  const { backoff } = pool.$client.options
  if (typeof backoff !== 'function') throw new Error('the driver has no backoff')
  for (const failures of [0, 1, 5, 20, 2_000]) {
    const seconds = backoff(failures)
    t.ok(seconds > 0 && seconds <= 1, `${seconds} s after ${failures} failures`)
  }
})

t.test('a new connection is asked nothing but what the program asks', async (t) => {
  const [target, proxied] = [new URL(url), new URL(url)]
  const asked: Buffer[] = []
  const server = createServer((client) => {
    const upstream = createConnection(Number(target.port), target.hostname)
    client.on('data', (piece) => asked.push(Buffer.from(piece))).pipe(upstream)
    upstream.pipe(client)
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.close()
  })
  proxied.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const through = createDatabase(proxied.toString(), { max: 1 })
  await through.execute(sql`SELECT 'what we ask'`)
  await closeDatabase(through)
  const words = Buffer.concat(asked).toString('latin1')
  t.match(words, /what we ask/)
  t.notMatch(words, /pg_type/)
})

t.test('a query that breaks off among its rows leaves no holes in the next', async (t) => {
  const breaking = sql`SELECT i, 1 / (4 - i) AS q FROM generate_series(1, 10) i`
  const next = sql`SELECT i FROM generate_series(1, 3) i`
  const single = createDatabase(url, { max: 1 })
  t.teardown(() => closeDatabase(single))
  // Both are on their way at once.
  const [broken, whole] = await Promise.allSettled([single.execute(breaking), single.execute(next)])
  t.match(broken, { status: 'rejected', reason: { cause: { code: '22012' } } })
  t.match(whole, { status: 'fulfilled' })
  t.strictSame(whole.status === 'fulfilled' && [...whole.value], [{ i: 1 }, { i: 2 }, { i: 3 }])
  const within = await single.transaction(async (tx) => {
    const [, rows] = await Promise.allSettled([
      tx.transaction((inner) => inner.execute(breaking)),
      tx.execute(next),
    ])
    return rows
  })
  t.match(within, { status: 'fulfilled', value: [{ i: 1 }, { i: 2 }, { i: 3 }] })
})

t.test('a connection that dies with a query in its buffer is used again', async (t) => {
  const { hostname, port } = new URL(url)
  const sockets: Socket[] = []
  const client = postgres(url, {
    max: 2,
    fetch_types: false,
    backoff: () => 0,
    socket: async () => {
      const socket = createConnection(Number(port), hostname)
      sockets.push(socket)
      await once(socket, 'connect')
      return socket
    },
  } as postgres.Options<Record<string, never>>)
  t.teardown(() => client.end({ timeout: 0 }))
  await Promise.all([client`SELECT pg_sleep(0.1)`, client`SELECT pg_sleep(0.1)`])
  const written = sockets.map((socket) => socket.bytesWritten)
  // Its failure brings the next query to the other connection, which is dead too and will only be told so next.
  const next = client`SELECT pg_sleep(1)`.catch(() => client`SELECT 1`)
  await until('it to be sent', async () => sockets.some((socket, n) => socket.bytesWritten !== written[n]))
  const busy = sockets.findIndex((socket, n) => socket.bytesWritten !== written[n])
  // libuv closes the last one first.
  sockets[1 - busy]?.destroy()
  sockets[busy]?.destroy()
  await t.rejects(next, { code: 'CONNECTION_CLOSED' })
  // Unmended, what was in its buffer is sent before the greeting, or never.
  const answers = Promise.all([client`SELECT 2 AS n, pg_sleep(0.1)`, client`SELECT 3 AS n, pg_sleep(0.1)`])
  let timer: NodeJS.Timeout | undefined
  const hangs = new Promise((resolve) => {
    timer = setTimeout(resolve, 5_000, 'hangs')
  })
  const first = await Promise.race([answers, hangs])
  clearTimeout(timer)
  t.match(first, [[{ n: 2 }], [{ n: 3 }]])
})
