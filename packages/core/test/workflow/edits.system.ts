import { createConfigurationCache, DomainError, ROLE_NAMES, workflowProblems } from '@servicedesk/core'
import { STATUS_CLASSES } from '@servicedesk/db'
import fc from 'fast-check'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

t.test('no history of edits breaks the workflow, and what is refused changes nothing', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const { statuses, transitions } = desk.core.config
  const cache = createConfigurationCache(desk.db, desk.clock)
  const roles = fc.uniqueArray(fc.constantFrom(...ROLE_NAMES), { minLength: 1, maxLength: 2 })
  const edit = fc.record({
    kind: fc.constantFrom('add', 'class', 'order', 'drop', 'link', 'roles', 'unlink', 'unlink', 'unlink'),
    a: fc.nat(99),
    b: fc.nat(99),
    statusClass: fc.constantFrom(...STATUS_CLASSES),
    roles,
  })
  const outcomes: Record<string, number> = {}
  let added = 0
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 12, maxLength: 12 }), async (edits) => {
      for (const { kind, a, b, statusClass, roles } of edits) {
        const [all, moves] = [await statuses.list(), await transitions.list()]
        const [one, other, move] = [all[a % all.length]!, all[b % all.length]!, moves[a % moves.length]]
        const before = JSON.stringify([all, moves])
        added += 1
        try {
          if (kind === 'add') await statuses.create(admin, { name: `Status ${added}`, class: statusClass })
          if (kind === 'class') await statuses.update(admin, one.id, { class: statusClass })
          if (kind === 'order') await statuses.update(admin, one.id, { order: b })
          if (kind === 'drop') await statuses.remove(admin, one.id)
          if (kind === 'link') await transitions.create(admin, { from: one.name, to: other.name, roles })
          if (kind === 'roles') await transitions.update(admin, move?.id ?? 0, { roles })
          if (kind === 'unlink') await transitions.remove(admin, move?.id ?? 0)
          outcomes[kind] = (outcomes[kind] ?? 0) + 1
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
          outcomes[error.code] = (outcomes[error.code] ?? 0) + 1
          const after = JSON.stringify([await statuses.list(), await transitions.list()])
          if (after !== before) throw new Error(`${kind} was refused and changed something`)
        }
        const problems = workflowProblems(await cache.get({ fresh: true }))
        if (problems.length > 0) throw new Error(`${kind}: ${problems.map((each) => each.message)}`)
      }
    }),
    { numRuns: 40 },
  )
  for (const outcome of [
    'add',
    'drop',
    'link',
    'unlink',
    'roles',
    'class',
    'workflow_broken',
    'validation_failed',
  ])
    t.ok(outcomes[outcome], `${outcome} happened: ${JSON.stringify(outcomes)}`)
})
