import { ALERT_TYPES } from '@servicedesk/core'
import { emailDeliveries, notificationPreferences } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'
import { toldBy } from '../helpers/told.ts'

const desk = await createTestDesk(t)
const PATH = '/users/me/notification-preferences'
const everyType = <T>(value: T) => Object.fromEntries(ALERT_TYPES.map((type) => [type, value]))
const OFF = everyType({ in_app: false, email: false })

t.test('whoever wished nothing has the defaults of their role', async (t) => {
  for (const [role, ...mailed] of [
    ['Normal User', 'assignment', 'escalation', 'mention', 'new_message', 'sla_violation', 'status_change'],
    ['Technical User', 'assignment', 'escalation', 'sla_violation'],
    ['System Admin', 'assignment', 'escalation', 'sla_violation'],
  ] as const) {
    const own = sender(desk, await desk.person(role))
    const answer = await own('GET', PATH)
    t.equal(answer.statusCode, 200)
    const preferences: Record<string, { in_app: boolean; email: boolean }> = answer.json()
    t.same(Object.keys(preferences).sort(), [...ALERT_TYPES].sort())
    t.ok(Object.values(preferences).every((each) => each.in_app))
    const byMail = Object.keys(preferences).filter((type) => preferences[type]?.email)
    t.same(byMail.sort(), mailed)
  }
})

t.test('what is sent changes, what is not stays, null is the default again', async (t) => {
  const person = await desk.person('Technical User')
  const own = sender(desk, person)
  const put = async (body: object) => {
    const answer = await own('PUT', PATH, body)
    t.equal(answer.statusCode, 200)
    t.same(answer.json(), (await own('GET', PATH)).json())
    return answer.json()
  }
  const before = (await own('GET', PATH)).json()
  t.same(await put({}), before)
  t.same(await put({ mention: { email: true } }), { ...before, mention: { in_app: true, email: true } })
  const wished = await put({ mention: { in_app: false }, escalation: { email: false }, system: {} })
  t.same(wished, {
    ...before,
    mention: { in_app: false, email: true },
    escalation: { in_app: true, email: false },
  })
  await put({ mention: { in_app: null }, escalation: { email: null } })
  t.same(await put({ mention: { email: null } }), before)
  t.equal(await desk.db.$count(notificationPreferences, eq(notificationPreferences.userId, person.id)), 0)
  const racing = [
    { mention: { email: true } },
    { mention: { in_app: false } },
    OFF,
    { system: { email: null } },
  ]
  const answers = await Promise.all(racing.map((body) => own('PUT', PATH, body)))
  t.same(
    answers.map((answer) => answer.statusCode),
    [200, 200, 200, 200],
  )
})

t.test('a page of settings that is saved as it was shown changes nothing', async (t) => {
  // The default depends on the ticket too: an agent is mailed of one of their own, a requester not of one they watch.
  const [nora, ann] = [await desk.person('Normal User'), await desk.person('Technical User')]
  const stored = (userId: number) =>
    desk.db.select().from(notificationPreferences).where(eq(notificationPreferences.userId, userId))
  for (const person of [nora, ann]) {
    const own = sender(desk, person)
    const shown = (await own('GET', PATH)).json()
    t.same((await own('PUT', PATH, shown)).json(), shown)
    t.same(await stored(person.id), [], 'nothing is stored')
    // One box is ticked, and the whole page saved.
    const email = !shown.new_message.email
    const page = { ...shown, new_message: { ...shown.new_message, email } }
    t.same((await own('PUT', PATH, page)).json(), page)
    t.match(await stored(person.id), [{ alertType: 'new_message', inApp: null, email }])
    t.equal((await stored(person.id)).length, 1)
    // What was wished once stays a wish, also where it is the same as the default.
    await own('PUT', PATH, shown)
    t.match(await stored(person.id), [{ alertType: 'new_message', inApp: null, email: !email }])
  }
})

t.test('what is no type, no member or no answer changes nothing', async (t) => {
  const own = sender(desk, await desk.person('Normal User'))
  const other = await desk.person('Normal User')
  const before = await contentOf(desk)
  for (const body of [
    { mentions: { email: true } },
    { mention: { sms: true } },
    { mention: { email: 'true' } },
    { mention: { email: 1 } },
    { mention: true },
    { mention: null },
    { mention: { email: true }, constructor: {} },
    [],
    'mention',
  ]) {
    isProblem(t, await own('PUT', PATH, JSON.stringify(body), { 'content-type': 'application/json' }), 400)
  }
  isProblem(t, await own('PUT', PATH), 400)
  isProblem(t, await sender(desk)('GET', PATH), 401)
  isProblem(t, await own('GET', `/users/${other.id}/notification-preferences`), 404)
  t.same(await contentOf(desk), before)
})

t.test('whoever wants nothing is told nothing, by any way', async (t) => {
  const people = {
    nora: await desk.person('Normal User', { name: 'Nora Quist' }),
    wim: await desk.person('Normal User', { name: 'Wim Bos' }),
    ann: await desk.person('Technical User', { name: 'Ann Lee' }),
    bob: await desk.person('Technical Supervisor', { name: 'Bob Roe' }),
    eve: await desk.person('Technical Supervisor', { name: 'Eve Day', maxTickets: 0 }),
  }
  const [nora, wim, ann, bob, eve] = Object.values(people).map((each) => sender(desk, each))
  const scenario = async () => {
    const { id } = await makeTicket(nora!)
    await eve!('POST', `/tickets/${id}/watchers`, { user_id: people.wim.id })
    await eve!('PUT', `/tickets/${id}/assign`, { agent_id: people.ann.id })
    await wim!('POST', '/messages', { ticket_id: id, message: 'Any news, @Ann Lee?' })
    await ann!('POST', '/messages', { ticket_id: id, message: 'Not yet, @Nora and @Wim.' })
    await nora!('POST', '/messages', { ticket_id: id, message: 'Thank you' })
    await ann!('PUT', `/tickets/${id}/status`, { status: 'Pending' })
    await ann!('POST', `/tickets/${id}/escalate`, { reason: 'It burns' })
  }
  const loud = await toldBy(desk, people, scenario)
  for (const name of ['nora', 'wim', 'ann', 'bob', 'eve'])
    t.ok(
      loud.some((each) => each.startsWith(name)),
      name,
    )
  for (const each of [nora, wim, ann, bob]) await each!('PUT', PATH, OFF)
  await desk.db.delete(emailDeliveries)
  const quiet = await toldBy(desk, people, scenario)
  t.same(
    quiet,
    loud.filter((each) => each.startsWith('eve')),
  )
  const mailed = (await desk.db.select().from(emailDeliveries)).map((row) => row.userId)
  t.same([...new Set(mailed)], [people.eve.id])
})
