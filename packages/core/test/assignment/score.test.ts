import { scoreOf } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

const CATEGORY = 7

const weights = fc
  .tuple(fc.nat(100), fc.nat(100), fc.nat(100))
  .map((cuts) => cuts.sort((a, b) => a - b))
  .map(([a = 0, b = 0, c = 0]) => ({ capacity: a, skills: b - a, sla: c - b, presence: 100 - c }))

const agent = fc
  .record({
    active: fc.nat(60),
    max: fc.nat(50),
    level: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    judged: fc.nat(200),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    isPresent: fc.boolean(),
  })
  .map(({ active, max, level, judged, share, isPresent }) => ({
    active,
    max,
    record: {
      skills: level === null ? {} : { [CATEGORY]: level },
      judged,
      met: Math.floor(judged * share),
      isPresent,
    },
  }))
type Agent = Parameters<typeof scoreOf>[0]

const withSkill = (each: Agent, level: number): Agent => ({
  ...each,
  record: { ...each.record, skills: { [CATEGORY]: level } },
})

t.test('from 0 to 100, each part within its weight, the parts add up', async () => {
  fc.assert(
    fc.property(agent, weights, (each, of) => {
      const { total, parts } = scoreOf(each, CATEGORY, of)
      const names = ['capacity', 'skills', 'sla', 'presence'] as const
      const sum = names.reduce((points, name) => points + parts[name], 0)
      return (
        total >= 0 &&
        total <= 100 &&
        names.every((name) => parts[name] >= 0 && parts[name] <= of[name]) &&
        Math.abs(total - sum) < 0.005
      )
    }),
    { numRuns: 1_000 },
  )
})

t.test('more free capacity, more skill, more clocks met and presence never cost points', async () => {
  fc.assert(
    fc.property(agent, weights, fc.integer({ min: 1, max: 5 }), (each, of, level) => {
      const total = (other: Agent) => scoreOf(other, CATEGORY, of).total
      const { active, record } = each
      const better: Agent[] = [
        { ...each, active: Math.max(0, active - 1) },
        { ...each, max: each.max + 1 },
        { ...each, record: { ...record, isPresent: true } },
        { ...each, record: { ...record, judged: record.judged + 1, met: record.met + 1 } },
      ]
      return (
        better.every((other) => total(other) >= total(each)) &&
        total(withSkill(each, Math.min(5, level + 1))) >= total(withSkill(each, level)) &&
        total(withSkill(each, level)) >= total({ ...each, record: { ...record, skills: {} } })
      )
    }),
    { numRuns: 1_000 },
  )
})

t.test('the parts as design.md has them', async (t) => {
  const of = { capacity: 50, skills: 30, sla: 10, presence: 10 }
  const record = { skills: { [CATEGORY]: 4, 8: 5 }, judged: 16, met: 12, isPresent: true }
  t.same(scoreOf({ active: 1, max: 10, record }, CATEGORY, of), {
    total: 86.5,
    parts: { capacity: 45, skills: 24, sla: 7.5, presence: 10 },
  })
  const newcomer = { skills: {}, judged: 0, met: 0, isPresent: false }
  t.same(scoreOf({ active: 12, max: 10, record: newcomer }, CATEGORY, of), {
    total: 7.5,
    parts: { capacity: 0, skills: 0, sla: 7.5, presence: 0 },
  })
  t.equal(scoreOf({ active: 0, max: 0, record: newcomer }, CATEGORY, of).parts.capacity, 0)
})
