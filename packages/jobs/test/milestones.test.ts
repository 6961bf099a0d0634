import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  createDispatcher,
  MILESTONES,
  type Milestone,
  milestoneChannel,
  once,
  relayOnce,
} from '@servicedesk/jobs'
import { type Teardown, until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, workerOf } from './helpers/jobs-desk.ts'

/** Every milestone from now on with the jobs it was reached by. */
function listenTo(t: Teardown): [Milestone, unknown][] {
  const seen: [Milestone, unknown][] = []
  for (const milestone of MILESTONES) {
    const listen = (message: unknown) => seen.push([milestone, message])
    subscribe(milestoneChannel(milestone), listen)
    t.teardown(async () => {
      unsubscribe(milestoneChannel(milestone), listen)
    })
  }
  return seen
}

const JOB = { names: ['ticket.assign'] }

t.test('a job passes the milestones in order, whoever sends it', async (t) => {
  const desk = await createJobsDesk(t)
  const seen = listenTo(t)
  const dispatcher = createDispatcher({
    db: desk.db,
    queues: desk.queues,
    onError: (error) => t.error(error),
  })
  dispatcher.dispatch([])
  dispatcher.dispatch(await desk.owe(1))
  await dispatcher.close()
  t.same(seen.splice(0), [
    ['committed', JOB],
    ['enqueued', JOB],
  ])

  const [row] = await desk.owe(1)
  await relayOnce(desk.db, desk.queues)
  t.same(seen.splice(0), [
    ['leased', JOB],
    ['enqueued', JOB],
  ])

  const worker = await workerOf(t, desk, { 'ticket.assign': (job) => once(job, async () => undefined) })
  await until('both jobs to be done', async () => (await desk.rows()).every((each) => each.doneAt !== null))
  await worker.close(5_000)
  t.equal((await desk.row(row!.id)).attempts, 1)
  const moments = seen.map(([milestone]) => milestone)
  t.same(moments.toSorted(), ['done', 'done', 'effect', 'effect'])
  t.ok(moments.indexOf('effect') < moments.indexOf('done'))
})
