import type { StatusClass } from '@servicedesk/db'
import type { Configuration, StatusRow } from '../config/configuration.ts'
import { ROLE_NAMES } from '../policy/roles.ts'
import { conflict, DomainError, invalid } from '../shared/errors.ts'
import { canTake } from './workflow.ts'

/** What the rules look at; statuses in the desk's order. */
export type Workflow = Pick<Configuration, 'statuses' | 'transitions'>

export type WorkflowRule = 'missing_class' | 'unreachable' | 'dead_end'

/** A rule that a workflow breaks, with a sentence for people; `key` is the same for the same fault. */
export interface WorkflowProblem {
  rule: WorkflowRule
  key: string
  message: string
}

const isDone = (status: Pick<StatusRow, 'class'>) => status.class === 'resolved' || status.class === 'closed'

/**
 * What is wrong with a workflow. Its rules:
 *
 * 1. `missing_class`: there is a status of class new, in which tickets begin; one of class open, which they get with
 *    an agent; and one of class resolved or closed, in which they end.
 * 2. `unreachable`: every status can be reached from the first of class new, by transitions that some role can take.
 *    (Requesters only close and reopen, whatever a transition's roles say.)
 * 3. `dead_end`: from every status of class new, open or pending such transitions lead on to one that is resolved or
 *    closed.
 */
export function workflowProblems({ statuses, transitions }: Workflow): WorkflowProblem[] {
  const usable = transitions.filter((each) => ROLE_NAMES.some((role) => canTake(each, statuses, role)))
  const onwards = usable.map((each) => ({ from: each.fromStatusId, to: each.toStatusId }))
  const backwards = onwards.map(({ from, to }) => ({ from: to, to: from }))
  const first = statuses.find((status) => status.class === 'new')
  const reached = first === undefined ? null : reachable([first.id], onwards)
  const ending = reachable(
    statuses.filter(isDone).map((status) => status.id),
    backwards,
  )
  return [
    ...missingClasses(statuses),
    ...statuses
      .filter((status) => reached !== null && !reached.has(status.id))
      .map((status) => ({
        rule: 'unreachable' as const,
        key: `unreachable ${status.id}`,
        message: `${status.name} could not be reached from ${first?.name} by any transition that a role can take`,
      })),
    ...statuses
      .filter((status) => !ending.has(status.id))
      .map((status) => ({
        rule: 'dead_end' as const,
        key: `dead_end ${status.id}`,
        message: `from ${status.name} no transition that a role can take would lead on to a resolved or closed status`,
      })),
  ]
}

function missingClasses(statuses: readonly StatusRow[]): WorkflowProblem[] {
  const needed: StatusClass[][] = [['new'], ['open'], ['resolved', 'closed']]
  return needed
    .filter((classes) => !statuses.some((status) => classes.includes(status.class)))
    .map((classes) => ({
      rule: 'missing_class',
      key: `missing_class ${classes[0]}`,
      message: `the desk needs a status of class ${classes.join(' or ')}`,
    }))
}

/** Everything that can be reached along the edges, the starts included. */
function reachable(starts: readonly number[], edges: readonly { from: number; to: number }[]): Set<number> {
  const found = new Set(starts)
  // A set's iteration comes to what is added on the way.
  for (const id of found) for (const edge of edges) if (edge.from === id) found.add(edge.to)
  return found
}

/**
 * Refuses an edit that would break a rule. A rule that was broken before does not hinder it, or a workflow that is
 * broken already could not be mended step by step.
 * @param path the member of the input to be named for a rule; null where there is none to name, as when deleting
 * @throws DomainError 400 naming the member, or 409 `workflow_broken`
 */
export function assertNotWorse(
  before: Workflow,
  after: Workflow,
  path: ((rule: WorkflowRule) => string) | null,
): void {
  const known = new Set(workflowProblems(before).map((problem) => problem.key))
  const [problem, ...more] = workflowProblems(after).filter(({ key }) => !known.has(key))
  if (problem === undefined) return
  if (path === null) {
    throw conflict('workflow_broken', [problem, ...more].map(({ message }) => message).join('; '))
  }
  const fields = [problem, ...more].map(({ rule, message }) => ({ path: path(rule), message }))
  const { code, message } = invalid(path(problem.rule), problem.message)
  throw new DomainError('invalid', code, message, { fields })
}
