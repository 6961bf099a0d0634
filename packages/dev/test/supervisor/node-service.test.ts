import { join } from 'node:path'
import t, { type Test } from 'tap'
import { processIdentity } from '../../src/process/process-table.ts'
import { nodeService } from '../../src/supervisor/node-service.ts'

const ready = "process.send({ type: 'ready' });"
const forever = 'setInterval(() => {}, 1000);'

function service(t: Test, script: string, readyWithinMs = 30_000) {
  const folder = t.testdir({ 'main.mjs': script })
  const logFile = join(folder, 'main.log')
  const main = join(folder, 'main.mjs')
  return nodeService({ name: 'api', main, env: {}, logFile, stopWithinMs: 10_000, readyWithinMs })
}

const launch = (t: Test, script: string, readyWithinMs?: number) =>
  service(t, script, readyWithinMs).launch(new AbortController().signal)

t.test('it is up when it says so, and stops when asked', async (t) => {
  const running = await launch(t, `process.on('SIGTERM', () => process.exit(7)); ${forever} ${ready}`)
  t.ok(processIdentity(running.pid))
  t.equal(await running.stop(10_000), true)
  t.equal(await running.exited, 'exit code 7')
})

t.test('one that does not stop is killed', async (t) => {
  const running = await launch(t, `process.on('SIGTERM', () => {}); ${forever} ${ready}`)
  t.equal(await running.stop(1), false)
  t.equal(await running.exited, 'SIGKILL')
})

t.test('one that ends before it is ready fails with the end of its log', async (t) => {
  const failing = launch(t, "console.error('DATABASE_URL is missing'); process.exit(3)")
  await t.rejects(failing, {
    name: 'UserError',
    message: /^api ended before it was ready \(exit code 3\)\.\n.*main\.log:\n {2}DATABASE_URL is missing$/,
  })
})

t.test('one that never gets ready is stopped', async (t) => {
  await t.rejects(launch(t, forever, 50), { message: /^api was not ready within 0\.05 s/ })
})

t.test('a start can be given up', async (t) => {
  const abort = new AbortController()
  const starting = service(t, forever).launch(abort.signal)
  abort.abort(new Error('given up'))
  await t.rejects(starting, { message: 'given up' })
})
