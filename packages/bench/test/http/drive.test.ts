import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Teardown } from '@servicedesk/testing'
import t from 'tap'
import { drive } from '../../src/http/drive.ts'

/** A server that answers every request with the next status. */
async function serverOf(t: Teardown, statusOf: (n: number) => number) {
  const seen: { url: string; method: string; token: string }[] = []
  const server = createServer((request, response) => {
    seen.push({
      url: request.url ?? '',
      method: request.method ?? '',
      token: request.headers.authorization ?? '',
    })
    response.statusCode = statusOf(seen.length)
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`, seen }
}

t.test('asks each path in turns with the token', async (t) => {
  const { url, seen } = await serverOf(t, () => 200)
  const driven = await drive({ url, token: 'abc', paths: ['/a', '/b?c=d'] }, 1)
  t.ok(driven.perSecond > 0)
  t.strictSame([...new Set(seen.map((each) => each.url))].sort(), ['/api/v1/a', '/api/v1/b?c=d'])
  t.ok(seen.every((each) => each.token === 'Bearer abc' && each.method === 'GET'))
})

t.test('one answer that is no success spoils the figure', async (t) => {
  const first = await serverOf(t, () => 503)
  await t.rejects(drive({ url: first.url, token: '', paths: ['/a'] }, 1), { message: /answered 503/ })
  const late = await serverOf(t, (n) => (n === 20 ? 500 : 200))
  await t.rejects(drive({ url: late.url, token: '', paths: ['/a'] }, 1), {
    message: /did not always succeed: .*"non2xx":1/,
  })
})
