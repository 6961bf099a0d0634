import { type AddressInfo, connect } from 'node:net'
import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const scrape = (headers: Record<string, string> = {}) => desk.app.inject({ url: '/metrics', headers })
const withToken = { authorization: `Bearer ${desk.config.metricsToken}` }

t.test('for the token and for admins', async (t) => {
  const admin = await desk.person('System Admin')
  for (const headers of [withToken, desk.as(admin)]) {
    const answer = await scrape(headers)
    t.equal(answer.statusCode, 200)
    t.match(answer.headers['content-type'], /^text\/plain; version=/)
    t.match(answer.body, /^servicedesk_api_process_cpu_seconds_total/m)
  }
})

t.test('for nobody else', async (t) => {
  const wrong = { authorization: 'Bearer metrics-token-of-the-testz' }
  for (const headers of [{}, wrong, { authorization: 'Bearer x' }, { authorization: 'Basic eDp5' }]) {
    isProblem(t, await scrape(headers), 401, 'unauthenticated', JSON.stringify(headers))
  }
  isProblem(t, await desk.app.inject({ url: `/metrics?token=${desk.config.metricsToken}` }), 401)
  for (const role of ['Normal User', 'Technical User', 'Technical Supervisor'] as const) {
    isProblem(t, await scrape(desk.as(await desk.person(role))), 403, 'forbidden', role)
  }
})

t.test('without a token set, no token is good', async (t) => {
  const closed = await createTestDesk(t, { config: { metricsToken: undefined } })
  for (const text of ['undefined', 'null', desk.config.metricsToken]) {
    const headers = { authorization: `Bearer ${text}` }
    isProblem(t, await closed.app.inject({ url: '/metrics', headers }), 401, 'unauthenticated', text)
  }
})

t.test('figures are real, and a route is one label', async (t) => {
  const gaugeOf = (text: string, name: string) =>
    Number(new RegExp(`^servicedesk_${name} (\\S+)$`, 'm').exec(text)?.[1])
  const before = (await scrape(withToken)).body
  t.equal(gaugeOf(before, 'outbox_owed'), 0)
  const send = sender(desk, await desk.person('Normal User'))
  const [first, second] = [await makeTicket(send), await makeTicket(send)]
  for (const { id } of [first, second]) await send('GET', `/tickets/${id}`)
  const { body } = await scrape(withToken)
  t.equal(gaugeOf(body, 'outbox_owed'), (await desk.owed()).length)
  t.equal(gaugeOf(body, 'tickets_waiting'), 2)
  t.equal(gaugeOf(body, 'outbox_dead'), 0)
  t.match(body, /duration_seconds_count\{method="GET",route="\/api\/v1\/tickets\/:id",status="200"\} 2$/m)
  t.notMatch(body, new RegExp(`tickets/${first.id}`), 'no label a ticket')
})

t.test('open connections are counted, whatever comes over them', async (t) => {
  const { app } = await createTestDesk(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const sockets = async () =>
    /^servicedesk_http_sockets (\d+)$/m.exec(
      (await app.inject({ url: '/metrics', headers: withToken })).body,
    )?.[1]
  t.equal(await sockets(), '0')
  const { port } = app.server.address() as AddressInfo
  const clients = [connect(port), connect(port)]
  t.teardown(() => clients.map((client) => client.destroy()))
  await until('both to be seen', async () => (await sockets()) === '2')
  clients[0]?.destroy()
  await until('one to be gone', async () => (await sockets()) === '1')
})
