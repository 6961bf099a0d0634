import { type ChainTeam, type DeskPeople, escalationAudience } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

const TEAMS: ChainTeam[] = [
  { id: 1, parentId: null, supervisorId: 10 },
  { id: 2, parentId: 1, supervisorId: 20 },
  { id: 3, parentId: 2, supervisorId: null },
]
const PEOPLE: DeskPeople = { leaders: new Set([10, 20, 30, 90]), supervisors: [10, 20, 30], admins: [90] }
const told = (level: number, team: number | null, actor: number | null = null, people = PEOPLE) =>
  escalationAudience(level, team, TEAMS, people, actor).sort((a, b) => a - b)

t.test(
  'a rung higher with every level: team, parent team, all supervisors, admins, and there it stays',
  async (t) => {
    t.strictSame(
      [1, 2, 3, 4, 5, 99].map((level) => told(level, 2)),
      [[20], [10], [10, 20, 30], [90], [90], [90]],
    )
    t.strictSame(told(1, null), [10, 20, 30], 'without a team: all supervisors')
    t.strictSame(told(2, null), [90])
  },
)

t.test('a team without a supervisor hands on to its parent', async (t) => {
  t.strictSame(told(1, 3), [20])
})

t.test('who escalates and who is gone are passed over', async (t) => {
  t.strictSame(told(1, 2, 20), [10], 'the supervisor of the team escalates')
  t.strictSame(told(2, 2, 20), [10, 30])
  t.strictSame(told(1, 2, null, { ...PEOPLE, leaders: new Set([10]), supervisors: [10, 30] }), [10])
})

t.test('without supervisors it is the admins; a rung that tells nobody new is none', async (t) => {
  t.strictSame(told(1, 2, null, { leaders: new Set(), supervisors: [], admins: [90] }), [90])
  const alone = { leaders: new Set([20]), supervisors: [20], admins: [90] }
  t.strictSame(
    [1, 2].map((level) => told(level, 2, null, alone)),
    [[20], [90]],
  )
  t.strictSame(
    told(1, 2, 90, { leaders: new Set(), supervisors: [], admins: [90] }),
    [],
    'nobody else is there',
  )
})

t.test(
  'whatever the organisation: only who is there, never who escalates, somebody if there is anybody',
  async () => {
    const id = fc.integer({ min: 1, max: 8 })
    const organisation = fc.record({
      teams: fc.uniqueArray(fc.record({ id, parentId: fc.option(id), supervisorId: fc.option(id) }), {
        selector: (team) => team.id,
        maxLength: 6,
      }),
      leaders: fc.uniqueArray(id),
      supervisors: fc.uniqueArray(id),
      admins: fc.uniqueArray(id),
      team: fc.option(id),
      actor: fc.option(id),
    })
    fc.assert(
      fc.property(organisation, ({ teams, leaders, supervisors, admins, team, actor }) => {
        const people = { leaders: new Set([...leaders, ...supervisors]), supervisors, admins }
        const at = (level: number) => escalationAudience(level, team, teams, people, actor)
        const everybody = new Set([...people.leaders, ...admins])
        const before = new Set<number>()
        let isTop = false
        for (let level = 1; level <= 12; level += 1) {
          const audience = at(level)
          const isRight = audience.every((each) => everybody.has(each) && each !== actor)
          if (!isRight || new Set(audience).size !== audience.length) return false
          // Every rung tells somebody whom no lower one told, until the highest is repeated.
          const isNew = audience.some((each) => !before.has(each))
          if (isTop && isNew) return false
          isTop = !isNew
          for (const each of audience) before.add(each)
        }
        const reachable = [...supervisors, ...admins].filter((each) => each !== actor)
        return at(1).length > 0 || reachable.length === 0
      }),
      { numRuns: 2_000 },
    )
  },
)
