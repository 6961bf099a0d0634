import { basename } from 'node:path'
import type { createColors } from 'picocolors'
import { clip, detail, section as heading, row, tableLine } from './print-lines.ts'
import { printStaff } from './print-staff.ts'
import { plural } from './problems.ts'
import type { AgentLine, Summary } from './summary.ts'

type Colors = ReturnType<typeof createColors>

/** The JSON has all of them. */
const SHOWN_REFUSALS = 15

/** The closing summary as a table of at most 80 columns. */
export function printSummary(summary: Summary, colors: Colors): string {
  const { assignment_ms: ms, waiting } = summary
  const waits = waiting?.reduce((sum, { tickets }) => sum + tickets, 0)
  const section = (title: string) => heading(title, colors)
  const lines = [
    ...section(`${basename(summary.file)} to ${summary.url}`),
    row('sent in', `${summary.sending_seconds.toFixed(1)} s (${perSecond(summary)} tickets/s)`),
    row('drained in', `${summary.draining_seconds.toFixed(1)} s`),
    row('attempts repeated', repeated(summary)),
    ...section('Rows'),
    row('read', summary.rows),
    row('created', summary.created),
    row('refused', summary.refused.length),
    ...refusals(summary),
    ...summary.unanswered
      .slice(0, SHOWN_REFUSALS)
      .map((each) => detail(`line ${each.line}`, `no answer: ${each.reason}`)),
    ...(summary.unsent > 0 ? [row('not sent', summary.unsent)] : []),
    row('made twice', summary.duplicates?.length),
    ...section('Assignment'),
    row('assigned', summary.assigned),
    // Over teams of unlike work there is no spread to speak of.
    ...(summary.staff ? [] : agentTable(summary.agents ?? [], summary.spread)),
    row('waiting', waits),
    ...(waiting ?? []).map(({ reason, tickets }) => detail(String(tickets), reason)),
    row('from created to assigned', ms ? `p50 ${ms.p50} ms   p95 ${ms.p95} ms   p99 ${ms.p99} ms` : 'none'),
    ...(summary.staff ? printStaff(summary.staff, colors) : []),
    ...section('Behind the tickets'),
    row(
      'thumbnails',
      summary.thumbnails ? `${summary.thumbnails.ready} of ${summary.thumbnails.expected} ready` : null,
    ),
    row('mails', mails(summary)),
    row('SLA breaches', breaches(summary)),
    row('failed jobs', summary.failed_jobs),
    row('rows still owed', summary.owed),
    '',
    ...verdict(summary.problems, colors),
    '',
  ]
  return lines.join('\n')
}

function refusals({ refused }: Summary): string[] {
  const more = refused.length - SHOWN_REFUSALS
  return [
    ...refused.slice(0, SHOWN_REFUSALS).map((each) => detail(`line ${each.line}`, each.reason)),
    ...(more > 0 ? [detail('', `and ${more} more, see --json`)] : []),
  ]
}

function agentTable(agents: readonly AgentLine[], spread: number | null): string[] {
  if (agents.length === 0) return []
  const active = agents.flatMap((agent) => agent.active ?? [])
  const activeSpread = active.length === agents.length ? Math.max(...active) - Math.min(...active) : ''
  return [
    tableLine('agent', ['this run', 'active now', 'at most']),
    ...agents.map((agent) => tableLine(agent.name, [agent.tickets, agent.active ?? '', agent.max ?? ''])),
    tableLine('spread (most − fewest)', [spread ?? '', activeSpread]),
  ]
}

function perSecond({ created, sending_seconds }: Summary): string {
  return sending_seconds > 0 ? (created / sending_seconds).toFixed(0) : '–'
}

function repeated({ retries, answers_given_again }: Summary): string {
  const reasons = Object.entries(retries).map(([reason, count]) => `${count} ${reason}`)
  if (reasons.length === 0) return 'none'
  const again = answers_given_again > 0 ? `; ${plural(answers_given_again, 'answer')} given again` : ''
  return reasons.join(', ') + again
}

function mails({ mails }: Summary): string | null {
  if (mails === null) return null
  const replaced = mails.discarded > 0 ? `, ${mails.discarded} replaced by later ones` : ''
  return `${mails.sent} sent, ${mails.failed} failed${replaced}`
}

function breaches({ breaches }: Summary): string | null {
  return breaches && `${breaches.first_response} first response, ${breaches.resolution} resolution`
}

function verdict(problems: readonly string[], colors: Colors): string[] {
  if (problems.length === 0) return [colors.green('Nothing was lost.')]
  return [colors.red('Something is wrong:'), ...problems.map((problem) => colors.red(clip(`  - ${problem}`)))]
}
