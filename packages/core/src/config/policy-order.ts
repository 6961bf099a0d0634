import { slaPolicies, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { PolicyRow } from './configuration.ts'

type Criteria = Pick<PolicyRow, 'priorityId' | 'categoryId' | 'teamId'>

/** True for a policy that looks at the priority at most: the promise that holds where nothing particular does. */
export function isDefault(policy: Criteria): boolean {
  return policy.categoryId === null && policy.teamId === null
}

/** True for a policy that matches every ticket. */
export function isCatchAll(policy: Criteria): boolean {
  return isDefault(policy) && policy.priorityId === null
}

/**
 * Where a new policy goes: behind the particular ones, in front of the defaults, which would hide it otherwise. One that
 * matches every ticket goes last, or it would hide all the others.
 */
export function placeFor(policies: readonly PolicyRow[], criteria: Criteria): number {
  return placeInFrontOf(policies, isCatchAll(criteria) ? () => false : isDefault)
}

/** The position right in front of the first policy of that sort, else the last. Policies are in order. */
export function placeInFrontOf(
  policies: readonly PolicyRow[],
  isWanted: (policy: PolicyRow) => boolean,
): number {
  const found = policies.findIndex(isWanted)
  const before = policies[(found === -1 ? policies.length : found) - 1]
  return (before?.position ?? 0) + 1
}

/** Inserts a policy at a position; where that is taken, what stands there and behind it moves on. @returns its id */
export async function insertAt(
  tx: Tx,
  policies: readonly PolicyRow[],
  position: number,
  values: Omit<typeof slaPolicies.$inferInsert, 'position'>,
): Promise<number> {
  if (policies.some((policy) => policy.position === position)) {
    await tx.execute(sql`UPDATE sla_policies SET position = position + 1 WHERE position >= ${position}`)
  }
  const [row] = await tx
    .insert(slaPolicies)
    .values({ ...values, position })
    .returning({ id: slaPolicies.id })
  if (row === undefined) throw new Error('the policy was not inserted')
  return row.id
}

/** Moves a policy to a position, as {@link insertAt} does. One statement, so that no two are ever in one place. */
export async function moveTo(
  tx: Tx,
  policies: readonly PolicyRow[],
  id: number,
  position: number,
): Promise<void> {
  const isTaken = policies.some((policy) => policy.id !== id && policy.position === position)
  const others = isTaken ? sql`position >= ${position}` : sql`false`
  await tx.execute(sql`
    UPDATE sla_policies SET position = CASE WHEN id = ${id} THEN ${position} ELSE position + 1 END
    WHERE id = ${id} OR ${others}`)
}
