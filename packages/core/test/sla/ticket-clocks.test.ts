import t from 'tap'
import { clockLog, clockOf } from '../helpers/clocks.ts'
import { createCoreDesk } from '../helpers/desk.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

t.test('both clocks start with the ticket, by the targets of its priority', async (t) => {
  const desk = await createCoreDesk(t)
  const requester = await desk.person('Normal User')
  const targets = { Critical: [0.5, 4], High: [1, 8], Medium: [4, 24], Low: [8, 72] }
  for (const [priority, [first, resolution]] of Object.entries(targets)) {
    const now = desk.clock.now()
    const id = await desk.ticket(requester, { priority })
    t.match(await clockOf(desk, id, 'first_response'), {
      state: 'running',
      runningSince: now,
      dueAt: new Date(now.getTime() + first! * HOUR),
      warnAt: new Date(now.getTime() + first! * HOUR * 0.8),
    })
    t.match(await clockOf(desk, id, 'resolution'), {
      state: 'running',
      dueAt: new Date(now.getTime() + resolution! * HOUR),
    })
    t.strictSame(await clockLog(desk, id, 'resolution'), ['start'])
  }
})

t.test('first response: the first public word of staff who are not the requester', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent, reporter] = await desk.agents(2)
  const id = await desk.ticket(reporter!)
  const say = (who: typeof agent, isInternal = false) =>
    desk.core.messages.post(who!, { ticketId: id, body: 'A word', isInternal })
  await say(agent, true)
  await say(reporter)
  t.match(await clockOf(desk, id, 'first_response'), { state: 'running' })
  t.equal((await desk.core.tickets.get(agent!, id)).first_response_at, null)

  desk.clock.advance(10 * MINUTE)
  const answered = desk.clock.now()
  await say(agent)
  desk.clock.advance(MINUTE)
  await say(agent)
  t.match(await clockOf(desk, id, 'first_response'), {
    state: 'stopped',
    stoppedAt: answered,
    elapsedMs: 10 * MINUTE,
  })
  t.equal((await desk.core.tickets.get(agent!, id)).first_response_at, answered.toISOString())
  t.strictSame(await clockLog(desk, id, 'first_response'), ['start', 'stop'])
  t.match(await clockOf(desk, id, 'resolution'), { state: 'running' }, 'an answer is no resolution')
})

t.test('a description written on behalf of a requester is no response', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const id = await desk.ticket(agent!, { created_by: requester.id })
  t.match(await clockOf(desk, id, 'first_response'), { state: 'running' })
  await desk.core.messages.post(requester, { ticketId: id, body: 'Me too' })
  t.match(await clockOf(desk, id, 'first_response'), { state: 'running' })
  await desk.core.messages.post(agent!, { ticketId: id, body: 'On it' })
  t.match(await clockOf(desk, id, 'first_response'), { state: 'stopped' })
})

t.test('resolution pauses in Pending, stops at Resolved, resumes with elapsed kept', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'))
  const after = async (ms: number, status: string) => {
    desk.clock.advance(ms)
    await desk.core.tickets.update(agent!, id, { status })
    return clockOf(desk, id, 'resolution')
  }
  t.match(await after(HOUR, 'Pending'), { state: 'paused', elapsedMs: HOUR, dueAt: null })
  t.match(await clockOf(desk, id, 'first_response'), { state: 'running' }, 'first response never pauses')
  t.match(await after(50 * HOUR, 'In Progress'), { state: 'running', elapsedMs: HOUR, breachedAt: null })
  const since = desk.clock.now().getTime()
  t.equal((await clockOf(desk, id, 'resolution')).dueAt?.getTime(), since + 23 * HOUR)
  t.match(await after(2 * HOUR, 'Open'), { elapsedMs: HOUR }, 'another status of the class changes nothing')
  t.match(await after(0, 'Resolved'), { state: 'stopped', elapsedMs: 3 * HOUR })
  t.match(await after(90 * HOUR, 'Closed'), { state: 'stopped', elapsedMs: 3 * HOUR })
  t.match(await after(HOUR, 'Open'), { state: 'running', elapsedMs: 3 * HOUR, breachedAt: null })
  t.equal((await clockOf(desk, id, 'resolution')).dueAt?.getTime(), desk.clock.now().getTime() + 21 * HOUR)
  const log = ['start', 'pause', 'resume', 'stop', 'resume']
  t.strictSame(await clockLog(desk, id, 'resolution'), log)
  t.match(await clockLog(desk, id, 'first_response'), ['start', 'breach', 'stop'], 'and never restarts')
})

t.test('another priority keeps elapsed time and moves the due time', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'), { priority: 'Low' })
  desk.clock.advance(3 * HOUR)
  await desk.core.tickets.update(agent!, id, { priority: 'Critical' })
  const now = desk.clock.now().getTime()
  const resolution = await clockOf(desk, id, 'resolution')
  t.match(resolution, { elapsedMs: 3 * HOUR, targetSeconds: 4 * 3_600, breachedAt: null })
  t.equal(resolution.dueAt?.getTime(), now + HOUR)
  // Half an hour for the first response has passed long ago: breached now, once.
  t.match(await clockOf(desk, id, 'first_response'), { breachedAt: new Date(now), elapsedMs: 3 * HOUR })
  await desk.sweep()
  await desk.core.tickets.update(agent!, id, { priority: 'Low' })
  t.strictSame(await clockLog(desk, id, 'first_response'), [
    'start',
    'apply_policy',
    'breach',
    'apply_policy',
  ])
  t.match(await clockOf(desk, id, 'resolution'), { dueAt: new Date(now + 69 * HOUR), elapsedMs: 3 * HOUR })
})
