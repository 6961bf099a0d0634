import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, workerOf } from './helpers/jobs-desk.ts'
import { startRedisProxy } from './helpers/redis-proxy.ts'

// What BullMQ opened for a worker that closes while Redis is away stays behind at times. The product's processes exit.
t.teardown(() => void setTimeout(() => process.exit(), 1_000))

/** A promise and what settles it. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

t.test('a stop while Redis is away ends in time, and what it held is done once Redis is back', async (t) => {
  const proxy = await startRedisProxy(t)
  const desk = await createJobsDesk(t, proxy.connection)
  const [started, never] = [gate(), gate()]
  const settings = { lockDuration: 1_000, stalledInterval: 200 }
  const worker = await workerOf(
    t,
    desk,
    {
      'ticket.assign': async () => {
        started.open()
        await never.opened
      },
    },
    { settings },
  )
  const [row] = await desk.owe(1)
  await started.opened
  proxy.cut()
  const asked = performance.now()
  await worker.close(500)
  t.ok(performance.now() - asked < 3_000)
  t.match(await desk.row(row!.id), { doneAt: null, failedAt: null })
  proxy.mend()
  await workerOf(t, desk, {}, { settings })
  await until('another to do it', async () => (await desk.row(row!.id)).doneAt)
  never.open()
})
