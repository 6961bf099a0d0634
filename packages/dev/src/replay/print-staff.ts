import type { createColors } from 'picocolors'
import { detail, row, section } from './print-lines.ts'
import type { StaffSummary, TeamLine } from './staff-summary.ts'

/** The part of the closing summary about the replay's own teams. */
export function printStaff(staff: StaffSummary, colors: ReturnType<typeof createColors>): string[] {
  const { not_resolved, looks, over_cap } = staff
  return [
    ...staff.teams.flatMap((team) => [
      ...section(`${team.name}: ${team.categories.join(', ')}`, colors),
      row('loads when all was sent', loads(team)),
      row('spread among equals', team.spread),
      row('waiting at most', team.waiting.most),
      row('waiting when all was sent', team.waiting.when_sent),
      row('waiting at the end', team.waiting.at_end),
      ...(team.refill_ms
        ? [row('from resolved to the next', `p50 ${team.refill_ms.p50} ms   p95 ${team.refill_ms.p95} ms`)]
        : []),
    ]),
    ...section('Work', colors),
    row('over the cap', `${over_cap.length} agents, at ${looks} looks`),
    row('resolved', `${staff.resolved} in ${staff.resolving_seconds.toFixed(1)} s`),
    ...(not_resolved.length > 0 ? [row('not resolved', not_resolved.length)] : []),
    ...not_resolved.slice(0, 5).map((each) => detail(`TKT-${each.ticket_id}`, each.reason)),
  ]
}

/** Of each agent; the cap once where all have the same. */
function loads({ agents }: TeamLine): string {
  const caps = new Set(agents.map(({ max }) => max))
  const texts = agents.map(({ load, max }) => `${load ?? 'unknown'}${caps.size > 1 ? `/${max}` : ''}`)
  return texts.join(', ') + (caps.size === 1 ? ` of ${[...caps][0]}` : '')
}
