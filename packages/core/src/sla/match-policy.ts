import type { PolicyRow } from '../config/configuration.ts'

/** What a policy looks at. */
export interface PolicySubject {
  priorityId: number
  categoryId: number
  teamId: number | null
}

/** The first policy by position all of whose given members fit; undefined when none does (design.md, SLA). */
export function matchPolicy(policies: readonly PolicyRow[], subject: PolicySubject): PolicyRow | undefined {
  return policies.find(
    (policy) =>
      policy.isActive &&
      (policy.priorityId === null || policy.priorityId === subject.priorityId) &&
      (policy.categoryId === null || policy.categoryId === subject.categoryId) &&
      (policy.teamId === null || policy.teamId === subject.teamId),
  )
}
