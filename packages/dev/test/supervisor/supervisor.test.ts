import t from 'tap'
import { backoff } from '../../src/supervisor/backoff.ts'
import { createSupervisor } from '../../src/supervisor/supervisor.ts'
import { fakeService } from '../helpers/fake-service.ts'

const signal = new AbortController().signal

function supervisor(stopOrder: string[] = []) {
  const said: string[] = []
  const changes: Record<string, number>[] = []
  const options = {
    stopOrder,
    signal,
    log: (line: string) => said.push(line),
    changed: (pids: Record<string, number>) => changes.push(pids),
  }
  return { ...createSupervisor(options), said, changes }
}

t.test('a service that dies is started again, and what runs is told', async (t) => {
  const { start, stop, pids, said, changes } = supervisor()
  const service = fakeService('api')
  await start(service)
  t.strictSame(pids(), { api: 1001 })
  service.crash()
  await service.launched(2)
  await new Promise(setImmediate)
  t.strictSame(pids(), { api: 1002 })
  t.strictSame(changes, [{ api: 1001 }, {}, { api: 1002 }])
  t.match(said, ['api ended (SIGKILL), starting it again', 'api runs again'])
  await stop()
  t.equal(service.launches, 2, 'a service that was stopped stays stopped')
})

t.test('a first start that keeps failing ends with the last reason', async (t) => {
  const { start, said } = supervisor()
  const service = fakeService('api', { failures: 9 })
  await t.rejects(start(service), { message: /^failure 3\n/ })
  t.equal(service.launches, 3)
  t.match(said, [
    'api does not start, trying again: failure 1',
    'api does not start, trying again: failure 2',
  ])
})

t.test('a first start that fails once succeeds', async (t) => {
  const { start, stop, pids } = supervisor()
  await start(fakeService('api', { failures: 1 }))
  t.strictSame(pids(), { api: 1002 })
  await stop()
})

t.test('everything stops in the order given, not in that of the start', async (t) => {
  const order: string[] = []
  const { start, stop } = supervisor(['api', 'worker', 'redis', 'postgres'])
  for (const name of ['postgres', 'redis', 'worker', 'api']) {
    await start(fakeService(name, { stopped: (stopped) => order.push(stopped) }))
  }
  t.strictSame(await stop(), [], 'none had to be killed')
  t.strictSame(order, ['api', 'worker', 'redis', 'postgres'])
})

t.test('stopping by force has no patience, and tells who was killed', async (t) => {
  const { start, stop, force } = supervisor(['api', 'worker'])
  await start(fakeService('api'))
  await start(fakeService('worker'))
  force()
  t.strictSame(await stop(), ['api', 'worker'])
})

t.test('waits double from 250 ms to 5 s, and begin anew after steady work', async (t) => {
  const waits = backoff()
  t.strictSame(
    Array.from({ length: 7 }, () => waits.next()),
    [250, 500, 1000, 2000, 4000, 5000, 5000],
  )
  waits.reset()
  t.equal(waits.next(), 250)
})
