import { catalogue, type JobName, parsePayload, QUEUES } from '@servicedesk/jobs'
import fc from 'fast-check'
import t from 'tap'
import { isJobName } from '../src/catalogue.ts'
import { parseJobName } from '../src/payload.ts'
import { jobIdOf, jobOptions, outboxIdOf } from '../src/queues.ts'

const uuid = '0198c0de-0000-7000-8000-000000000001'
const GOOD: { [K in JobName]: Record<string, unknown> } = {
  'ticket.assign': { ticket_id: 1001 },
  'assignment.drain': {},
  'sla.sweep': {},
  'sla.recompute': { after: 1_001 },
  'sla.act': { clock_id: 7 },
  'thumbnail.make': { attachment_id: uuid },
  'email.send': { delivery_id: uuid },
  'file.scan': { attachment_id: uuid },
  'file.sweep-orphans': {},
  'export.make': { export_id: uuid },
  prune: {},
  'stats.rollup': {},
  'stats.check': {},
  'search.lexemes': {},
  'dead-letter.alert': { outbox_id: uuid },
}
/** Members that a payload may do without. */
const OPTIONAL = ['sla.recompute.after']
const names = Object.keys(catalogue) as JobName[]
const invalid = { name: 'InvalidJob' }

t.test('every job has a queue of this release, tries, and a payload of ids and nothing else', async (t) => {
  t.strictSame(names.sort(), Object.keys(GOOD).sort())
  for (const name of names) {
    const { queue, retry } = catalogue[name]
    t.ok(QUEUES.includes(queue), name)
    t.ok(retry.attempts >= 1 && retry.backoffMs >= 0, name)
    t.equal(jobOptions(name).attempts, retry.attempts)
    t.strictSame(parsePayload(name, GOOD[name]), GOOD[name])
    t.throws(() => parsePayload(name, { ...GOOD[name], token: 'x' }), invalid, `${name}: an unknown member`)
    for (const member of Object.keys(GOOD[name])) {
      const isOptional = OPTIONAL.includes(`${name}.${member}`)
      if (isOptional) t.strictSame(parsePayload(name, {}), {})
      else t.throws(() => parsePayload(name, {}), invalid, `${name} without ${member}`)
      for (const wrong of [...(isOptional ? [] : [undefined]), null, '', 'x', -1, 1.5, true, [], {}]) {
        t.throws(() => parsePayload(name, { ...GOOD[name], [member]: wrong }), invalid, `${name}.${member}`)
      }
    }
    for (const wrong of [undefined, null, 'x', 1, true]) t.throws(() => parsePayload(name, wrong), invalid)
  }
})

t.test('a ticket is assigned by a whole number from 1, whatever else comes', async (t) => {
  const isRight = (value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const keys = Object.keys(value)
    const id = (value as { ticket_id?: unknown }).ticket_id
    return keys.length === 1 && keys[0] === 'ticket_id' && Number.isInteger(id) && Number(id) >= 1
  }
  const near = fc.record({ ticket_id: fc.oneof(fc.integer(), fc.double(), fc.string()), more: fc.anything() })
  const some = fc.oneof(near, fc.record({ ticket_id: fc.oneof(fc.integer(), fc.double()) }), fc.anything())
  fc.assert(
    fc.property(some, (value) => {
      let accepted = true
      try {
        parsePayload('ticket.assign', value)
      } catch (error) {
        accepted = (error as Error).name !== 'InvalidJob'
      }
      return accepted === isRight(value)
    }),
    { numRuns: 500 },
  )
  t.pass('no payload was judged otherwise than by the rule')
})

t.test('names that are no jobs', async (t) => {
  for (const name of ['', 'ticket.assing', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    t.notOk(isJobName(name), name)
    t.throws(() => parseJobName(name), invalid, name)
    t.equal(jobOptions(name).attempts, 1, 'one try, to fail with a reason')
  }
  for (const name of names) t.equal(parseJobName(name), name)
})

t.test('a job id names its row and its dispatch, and is one that BullMQ takes', async (t) => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat({ max: 50 }), (id, attempts) => {
      const jobId = jobIdOf({ id, attempts })
      return outboxIdOf(jobId) === id && !jobId.includes(':') && !/^\d+$/.test(jobId)
    }),
    { numRuns: 100 },
  )
  const ids = Array.from({ length: 20 }, (_, attempts) => jobIdOf({ id: uuid, attempts }))
  t.equal(new Set(ids).size, 20, 'a new id for every dispatch')
  for (const other of [undefined, '', '17', 'repeat:sla.sweep:1', `x-${uuid}`, `o-${uuid}x`]) {
    t.equal(outboxIdOf(other), null)
  }
})
