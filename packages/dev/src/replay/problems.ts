import type { Summary } from './summary.ts'

/**
 * What in a summary must not be: something lost, twice, failed or unfinished. A row that the API refuses for what it
 * says is none.
 * @param shared ids that more than one row was answered with
 * @param unknown why it is not known what became of the tickets, if it is not
 */
export function findProblems(
  summary: Omit<Summary, 'problems'>,
  shared: readonly number[],
  unknown: string | null,
): string[] {
  const { duplicates, thumbnails, mails, created_unanswered } = summary
  const serverErrors = summary.refused.filter(({ status }) => status >= 500)
  const checks: [boolean, string][] = [
    [serverErrors.length > 0, `${plural(serverErrors.length, 'row')} met an error of the server`],
    [
      summary.unanswered.length > 0,
      `${plural(summary.unanswered.length, 'row')} got no answer` +
        (created_unanswered?.length ? `; ${created_unanswered.length} of them made a ticket` : ''),
    ],
    [summary.unsent > 0, `${plural(summary.unsent, 'row')} not sent, because the server was gone`],
    [shared.length > 0, `rows were answered with the same ticket: ${list(shared)}`],
    [isNonEmpty(duplicates), `tickets were made twice: ${list(duplicates ?? [])}`],
    [isNonEmpty(summary.lost), `tickets are neither assigned nor waiting: ${list(summary.lost ?? [])}`],
    [isNonEmpty(thumbnails?.missing), `thumbnails are missing of tickets ${list(thumbnails?.missing ?? [])}`],
    [(summary.failed_jobs ?? 0) > 0, `${plural(summary.failed_jobs ?? 0, 'job')} failed for good`],
    [(mails?.failed ?? 0) > 0, `${plural(mails?.failed ?? 0, 'mail')} failed`],
    [(mails?.queued ?? 0) > 0, `${plural(mails?.queued ?? 0, 'mail')} not sent in time`],
    [
      (summary.owed ?? 0) > 0,
      `${plural(summary.owed ?? 0, 'row')} still owed: the pipeline did not drain in time`,
    ],
    [unknown !== null, `what became of the tickets could not be read: ${unknown}`],
  ]
  return [
    ...checks.filter(([isWrong]) => isWrong).map(([, words]) => words),
    ...(summary.staff?.problems ?? []),
  ]
}

const isNonEmpty = (ids: readonly number[] | null | undefined) => (ids?.length ?? 0) > 0

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const SHOWN = 10

function list(ids: readonly number[]): string {
  const names = ids.slice(0, SHOWN).map((id) => `TKT-${id}`)
  const rest = ids.length - names.length
  return names.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
