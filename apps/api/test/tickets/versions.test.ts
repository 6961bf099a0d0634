import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const own = sender(desk, await desk.person('Normal User'))
const staff = sender(desk, await desk.person('Technical User'))

t.test('a ticket’s ETag is its version; 304 while it has not changed', async (t) => {
  const { id } = await makeTicket(own)
  const get = (tags?: string) =>
    own('GET', `/tickets/${id}`, undefined, tags === undefined ? {} : { 'if-none-match': tags })
  const first = await get()
  const etag = String(first.headers.etag)
  t.equal(etag, `"${first.json().version}"`)
  for (const tags of [etag, `W/${etag}`, `"0", ${etag}`, '*']) {
    const answer = await get(tags)
    t.equal(answer.statusCode, 304, tags)
    t.equal(answer.body, '')
    t.equal(answer.headers.etag, etag)
  }
  for (const tags of ['"0"', '"other"', '', 'nonsense']) t.equal((await get(tags)).statusCode, 200, tags)
  for (const change of [
    () => own('PATCH', `/tickets/${id}`, { title: 'Printer is worse' }),
    () => staff('PATCH', `/tickets/${id}`, { status: 'Pending' }),
    () => staff('PATCH', `/tickets/${id}`, { priority: 'High' }),
    () => staff('POST', `/tickets/${id}/comments`, { content: 'We are looking.' }),
  ]) {
    const before = String((await get()).headers.etag)
    t.ok((await change()).statusCode < 300)
    const after = await get(before)
    t.equal(after.statusCode, 200, 'changed')
    t.not(after.headers.etag, before)
  }
})

t.test('If-Match: the current version changes it, any other is 412 and changes nothing', async (t) => {
  const { id } = await makeTicket(own)
  const put = (match: string, title: string) =>
    staff('PUT', `/tickets/${id}`, { title }, { 'if-match': match })
  const changed = await put('"1"', 'By version one')
  t.equal(changed.statusCode, 200)
  t.equal((await put(String(changed.headers.etag), 'By version two')).statusCode, 200)
  t.equal((await put('*', 'By any version')).statusCode, 200)
  const current = (await staff('GET', `/tickets/${id}`)).headers.etag
  t.equal((await put(`"1", ${current}`, 'By one of a list')).statusCode, 200)
  const before = await contentOf(desk)
  for (const match of ['"1"', '"999"', '"1", "2"'])
    isProblem(t, await put(match, 'Lost'), 412, 'stale_version', match)
  for (const match of ['1', '"x"', 'x', '""', '"1" "2"'])
    isProblem(t, await put(match, 'Lost'), 400, 'validation_failed', match)
  isProblem(t, await put('"1"', 'ab'), [400, 412], undefined, 'stale and wrong')
  t.same(await contentOf(desk), before)
})

t.test('of many changes at once with the same version one wins', async (t) => {
  const { id, version } = await makeTicket(own)
  const titles = Array.from({ length: 12 }, (_, n) => `Title number ${n}`)
  const answers = await Promise.all(
    titles.map((title) => staff('PATCH', `/tickets/${id}`, { title }, { 'if-match': `"${version}"` })),
  )
  const won = answers.filter((answer) => answer.statusCode === 200)
  t.equal(won.length, 1)
  for (const lost of answers.filter((answer) => answer.statusCode !== 200)) {
    isProblem(t, lost, 412, 'stale_version')
  }
  const ticket = (await own('GET', `/tickets/${id}`)).json()
  t.equal(ticket.title, won[0]?.json().title)
  t.equal(ticket.version, version + 1)
})

t.test('changes at once without a version: all are in the log, in one order', async (t) => {
  const { id } = await makeTicket(own)
  const jobs = [
    ...Array.from({ length: 8 }, (_, n) => staff('PATCH', `/tickets/${id}`, { title: `Title number ${n}` })),
    ...['High', 'Low', 'Critical'].map((priority) => staff('PATCH', `/tickets/${id}`, { priority })),
    ...['In Progress', 'Pending'].map((status) => staff('PATCH', `/tickets/${id}`, { status })),
    ...Array.from({ length: 4 }, (_, n) =>
      own('POST', `/tickets/${id}/comments`, { content: `Comment ${n}` }),
    ),
  ]
  for (const answer of await Promise.all(jobs)) t.ok(answer.statusCode < 300, answer.body)
  const events = (await staff('GET', `/tickets/${id}/events`)).json()
  t.same(
    events.map((event: { seq: number }) => event.seq),
    Array.from({ length: 18 }, (_, n) => n + 1),
  )
  const ticket = (await staff('GET', `/tickets/${id}`)).json()
  for (const member of ['title', 'priority', 'status']) {
    const chain = events.filter((event: { type: string }) => event.type === `${member}_changed`)
    for (const [n, event] of chain.slice(1).entries()) t.equal(event.data.from, chain[n].data.to)
    t.equal(ticket[member], chain.at(-1).data.to, `${member} is what the last event says`)
  }
})
