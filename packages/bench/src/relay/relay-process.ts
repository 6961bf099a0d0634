import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import { closeQueues, createQueues, createRedis, type Queues, relayOnce } from '@servicedesk/jobs'

// One of the processes of the relay's measurement: it connects, says that it is ready, and on each message does one
// kind of work until there is none left.

export interface Servers {
  databaseUrl: string
  redisUrl: string
  prefix: string
}

export type Work =
  /** The product. */
  | { kind: 'relay' }
  /** Its floors: so many jobs to Redis and nothing else; leases taken by the plainest statement and nothing else. */
  | { kind: 'addBulk'; many: number; from: number }
  | { kind: 'lease' }

const BATCH = 500

async function addBulk(queues: Queues, many: number, from: number): Promise<number> {
  for (let done = 0; done < many; done += BATCH) {
    await queues.assignment.addBulk(
      Array.from({ length: Math.min(BATCH, many - done) }, (_, n) => ({
        name: 'ticket.assign',
        data: { ticket_id: from + done + n },
        opts: {
          jobId: `o-floor-${from + done + n}`,
          attempts: 15,
          backoff: { type: 'exponential', delay: 200 },
        },
      })),
    )
  }
  return many
}

async function lease(db: Database): Promise<number> {
  for (let sum = 0; ; ) {
    const rows = await db.$client`
      UPDATE outbox SET lease_until = now() + interval '30 seconds'
      WHERE id IN (
        SELECT id FROM outbox
        WHERE dispatched_at IS NULL AND done_at IS NULL AND failed_at IS NULL AND lease_until IS NULL
        ORDER BY available_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING id`
    if (rows.length === 0) return sum
    sum += rows.length
  }
}

/** As the product's timer does it: a turn that fails, because Redis did not answer within its second, is repeated. */
async function relay(db: Database, queues: Queues): Promise<number> {
  for (;;) {
    try {
      return await relayOnce(db, queues)
    } catch (error) {
      console.error(`a turn failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

function start({ databaseUrl, redisUrl, prefix }: Servers): void {
  const db = createDatabase(databaseUrl, { max: 4, applicationName: 'servicedesk-bench-relay' })
  const redis = createRedis({ kind: 'single', url: redisUrl }, (error) => console.error(error.message))
  const queues = createQueues(redis, prefix, (error) => console.error(error.message))
  const work = {
    relay: () => relay(db, queues),
    addBulk: (given: Work) => (given.kind === 'addBulk' ? addBulk(queues, given.many, given.from) : 0),
    lease: () => lease(db),
  }
  process.on('message', async (given: Work) => {
    await work[given.kind](given)
    process.send?.({ done: true })
  })
  process.on('disconnect', async () => {
    await closeQueues(queues)
    redis.disconnect()
    await closeDatabase(db)
  })
  process.send?.({ ready: true })
}

process.once('message', start)
