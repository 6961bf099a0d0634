import fc from 'fast-check'
import type { CoreDesk } from '../helpers/desk.ts'
import { History } from './history.ts'

type Command = fc.AsyncCommand<object, History>

/** A step of a history as fast-check runs and prints it. */
function step(text: string, act: (history: History) => Promise<void>): Command {
  return { check: () => true, run: (_, history) => act(history), toString: () => text }
}

const n = fc.nat(30)
const status = fc.constantFrom('Open', 'In Progress', 'Pending', 'Pending', 'Resolved', 'Resolved', 'Closed')
const assignee = fc.oneof(n, n, fc.constant(null), fc.constant('auto' as const))
const category = fc.constantFrom('Other', 'Network')
const skills = fc.constantFrom<{ category: string; level: number }[]>([], [{ category: 'Network', level: 5 }])
const personChanges = fc.oneof(
  fc.record({ is_available: fc.boolean() }),
  fc.record({ max_tickets: fc.nat(3) }),
  fc.record({ team: fc.constantFrom(null, 'Network') }),
  fc.record({ is_active: fc.boolean() }),
  fc.record({ role: fc.constantFrom('Technical User', 'Technical Supervisor', 'Normal User') }),
  fc.record({ skills }),
  fc.constant({ out_of_office: null }),
)
const settings = fc.oneof(
  fc.record({ pending_frees_capacity: fc.boolean() }),
  fc.record({ include_supervisors: fc.boolean() }),
  fc.record({ strategy: fc.constantFrom('workload', 'workload', 'score', 'round_robin') }),
)

const create = fc
  .tuple(n, n)
  .map(([priority, of]) => step(`create(${priority}, ${of})`, (history) => history.create(priority, of)))

/** Work follows a step or not: after one step alone it shows whether that step owes what it should. */
function withWork(arbitrary: fc.Arbitrary<Command>): fc.Arbitrary<Command> {
  return fc.tuple(arbitrary, fc.integer({ min: 0, max: 2 })).map(([first, draw]) =>
    draw === 0
      ? first
      : step(`${first} work()`, async (history) => {
          await first.run({}, history)
          await history.work()
        }),
  )
}

const move = fc
  .tuple(n, status)
  .map(([id, to]) => step(`move(${id}, ${to})`, (history) => history.move(id, to)))
const assign = fc
  .tuple(n, assignee, fc.boolean())
  .map(([id, to, force]) =>
    step(`assign(${id}, ${to}, ${force})`, (history) => history.assign(id, to, force)),
  )
const others = [
  fc
    .tuple(n, personChanges)
    .map(([id, to]) =>
      step(`person(${id}, ${JSON.stringify(to)})`, (history) => history.changePerson(id, to)),
    ),
  fc
    .tuple(n, fc.integer({ min: 1, max: 9 }))
    .map(([id, to]) => step(`leave(${id}, ${to})`, (history) => history.leave(id, to))),
  fc
    .integer({ min: 1, max: 9 })
    .map((minutes) => step(`pass(${minutes})`, (history) => history.pass(minutes))),
  settings.map((to) => step(`configure(${JSON.stringify(to)})`, (history) => history.configure(to))),
  fc
    .tuple(n, category)
    .map(([id, to]) =>
      step(`category(${id}, ${to})`, (history) => history.changeTicket(id, { category: to })),
    ),
  n.map((id) => step(`remove(${id})`, (history) => history.remove(id))),
] satisfies fc.Arbitrary<Command>[]

/**
 * Runs random histories of a desk: people who come, leave, fill up and change teams, tickets that are resolved, paused,
 * reopened, given away and deleted, settings that change. Only owed jobs are done, and after each time of work nothing
 * waits in vain, nobody is over the cap, equals have equally much, and counters equal counts.
 * @throws Error with the shortest history that breaks a promise, and the seed that repeats it
 */
export async function runHistories(
  desk: CoreDesk,
  options: { runs: number; steps: number; seed?: number },
): Promise<void> {
  const any = [create, create, create, move, move, move, assign, assign, ...others].map(withWork)
  const commands = fc.commands<object, History, boolean>(any, { maxCommands: options.steps, size: 'max' })
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const history = await History.begin(desk)
      await fc.asyncModelRun(() => ({ model: {}, real: history }), steps)
      await history.work()
    }),
    { numRuns: options.runs, ...(options.seed === undefined ? {} : { seed: options.seed }) },
  )
}
