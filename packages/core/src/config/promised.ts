import { type Tx, tickets } from '@servicedesk/db'
import { and, eq, inArray, isNull } from 'drizzle-orm'
import { conflict } from '../shared/errors.ts'
import { ACTIVE_CLASSES } from '../workflow/workflow.ts'
import type { Configuration, PolicyRow } from './configuration.ts'
import { defaultPolicyOf } from './default-policies.ts'

/**
 * Refuses an edit of policies that would leave open tickets without any promise: those of a priority that has a default
 * policy now and would have none.
 * @param after the policies as the edit leaves them, in order
 * @throws DomainError 409 `in_use`
 */
export async function assertStillPromised(
  tx: Tx,
  current: Configuration,
  after: readonly PolicyRow[],
): Promise<void> {
  const lost = current.priorities.filter(
    ({ id }) => defaultPolicyOf(current, id) && !defaultPolicyOf({ policies: [...after] }, id),
  )
  for (const priority of lost) {
    const open = await tx.$count(
      tickets,
      and(
        eq(tickets.priorityId, priority.id),
        inArray(tickets.statusClass, [...ACTIVE_CLASSES]),
        isNull(tickets.deletedAt),
      ),
    )
    if (open > 0) {
      const what = `It is the last policy for plain tickets of priority ${priority.name}, of which ${open} are open`
      throw conflict('in_use', what, { used_by: { tickets: open } })
    }
  }
}
