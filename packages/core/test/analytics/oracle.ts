import { walkBuckets } from './local-time.ts'
import type { OracleClock, OracleTicket, Rows } from './rows.ts'

const HOUR = 3_600_000
const isIn = (at: number | null, from: number, to: number) => at !== null && at >= from && at < to
const tenth = (value: number) => Math.round(value * 10) / 10
const hundredth = (value: number) => Math.round(value * 100) / 100
const share = (part: number, whole: number) => (whole === 0 ? null : tenth((100 * part) / whole))
const iso = (at: number) => new Date(at).toISOString()

const isActive = (ticket: OracleTicket) => ticket.settledAt === null
const alive = ({ tickets }: Rows) => tickets.filter((ticket) => !ticket.isDeleted)

/** Resolution clocks of tickets that are not deleted, which stopped or breached in the period. */
function clocksOf(rows: Rows, from: number, to: number) {
  const clocks = alive(rows).flatMap((ticket) => ticket.resolution ?? [])
  const judged = clocks.filter((k) => isIn(k.stoppedAt, from, to) || isIn(k.breachedAt, from, to))
  const violations = judged.filter((k) => k.breachedAt !== null && k.breachedAt < to).length
  return { violations, onTime: judged.length - violations }
}

export function adherence(rows: Rows, from: number, to: number) {
  const [now, then] = [clocksOf(rows, from, to), clocksOf(rows, from - (to - from), from)]
  const [a, b] = [now, then].map((each) => share(each.onTime, each.onTime + each.violations))
  const isMove = a != null && b != null && Math.abs(a - b) > 0.5
  return {
    sla_adherence: a,
    total_tickets: now.onTime + now.violations,
    violations: now.violations,
    on_time: now.onTime,
    trend: isMove ? (a > b ? 'improving' : 'declining') : 'stable',
  }
}

export function dashboard(rows: Rows, now: number, targets: Record<string, number>) {
  const tickets = alive(rows)
  const settled = tickets.filter((ticket) => !isActive(ticket))
  const met = (some: OracleTicket[]) => some.filter((each) => each.resolution?.breachedAt === null).length
  const violated = (some: OracleTicket[]) =>
    some.filter((each) => each.resolution !== undefined && each.resolution.breachedAt !== null).length
  const open = tickets.filter(isActive)
  const last = (days: number) => {
    const { violations, onTime } = clocksOf(rows, now - days * 24 * HOUR, now)
    return {
      met_sla: onTime,
      violated_sla: violations,
      adherence_percentage: share(onTime, onTime + violations),
    }
  }
  const by = <T>(view: (priority: string, some: OracleTicket[]) => T) =>
    Object.fromEntries(
      rows.priorities.map((name) => [
        name,
        view(
          name,
          settled.filter((each) => each.priority === name),
        ),
      ]),
    )
  const average = (some: OracleTicket[]) =>
    some.length === 0
      ? null
      : some.reduce((sum, t) => sum + t.settledAt! - t.createdAt, 0) / some.length / HOUR
  return {
    overall: {
      total_tickets: tickets.length,
      closed_met_sla: met(settled),
      closed_violated_sla: violated(settled),
      closed_adherence_percentage: share(met(settled), met(settled) + violated(settled)),
      open_violated: violated(open),
      open_at_risk: open.filter(
        ({ resolution: k }) =>
          k !== undefined && k.warnedAt !== null && k.breachedAt === null && k.state !== 'stopped',
      ).length,
    },
    priority_breakdown: by((name, some) => ({
      met_sla: met(some),
      violated_sla: violated(some),
      adherence_percentage: share(met(some), met(some) + violated(some)),
      target_hours: targets[name],
    })),
    average_resolution_times: by((name, some) => {
      const hours = average(some)
      return {
        average_hours: hours === null ? null : hundredth(hours),
        target_hours: targets[name],
        within_target: hours === null ? null : hours <= targets[name]!,
      }
    }),
    sla_targets: targets,
    time_analysis: { last_24h: last(1), last_7d: last(7), last_30d: last(30) },
  }
}

const who = ({ id, name, email, role }: Rows['people'][number]) => ({ agent_id: id, id, name, email, role })

export function workload(rows: Rows) {
  return rows.people
    .filter((person) => person.isActive)
    .map((person) => {
      const own = alive(rows).filter((ticket) => ticket.assignedTo === person.id)
      const active = own.filter(isActive)
      return {
        ...who(person),
        ticket_count: own.length,
        active_tickets: active.length,
        pending_tickets: active.filter((ticket) => ticket.class === 'pending').length,
        closed_tickets: own.length - active.length,
        max_tickets: person.max,
        utilization: share(active.length, person.max),
      }
    })
}

export function performance(rows: Rows, from: number, to: number) {
  return rows.people.flatMap((person) => {
    const own = alive(rows).filter((ticket) => ticket.assignedTo === person.id)
    const closed = own.filter((ticket) => isIn(ticket.settledAt, from, to))
    const violations = own.filter((t) => t.resolution && isIn(t.resolution.breachedAt, from, to)).length
    if (!person.isActive && closed.length + violations === 0) return []
    const active_tickets = own.filter(isActive).length
    const handled = closed.reduce((sum, ticket) => sum + ticket.settledAt! - ticket.createdAt, 0)
    const score = Math.max(0, closed.length * 10 - violations * 5)
    const rating =
      score >= 50 ? 'Excellent' : score >= 30 ? 'Good' : score >= 15 ? 'Average' : 'Needs Improvement'
    return {
      ...who(person),
      tickets_closed: closed.length,
      closed_tickets: closed.length,
      active_tickets,
      total_assigned: closed.length + active_tickets,
      avg_handle_time: closed.length === 0 ? null : hundredth(handled / closed.length / HOUR),
      sla_violations: violations,
      rating,
      performance_rating: rating,
      performance_score: score,
    }
  })
}

export function statusCounts(rows: Rows) {
  const many = (...classes: string[]) => alive(rows).filter((ticket) => classes.includes(ticket.class)).length
  return { open: many('new', 'open'), pending: many('pending'), closed: many('resolved', 'closed') }
}

export function ticketStats(rows: Rows) {
  const many = (is: (ticket: OracleTicket) => boolean) => alive(rows).filter(is).length
  return {
    total: many(() => true),
    open: many((t) => t.class === 'new' || (t.class === 'open' && t.statusSlug !== 'in_progress')),
    in_progress: many((t) => t.statusSlug === 'in_progress'),
    pending: many((t) => t.class === 'pending'),
    resolved: many((t) => t.class === 'resolved'),
    closed: many((t) => t.class === 'closed'),
    critical_priority: many((t) => t.priority === 'Critical'),
    high_priority: many((t) => t.priority === 'High'),
    medium_priority: many((t) => t.priority === 'Medium'),
    low_priority: many((t) => t.priority === 'Low'),
    unassigned: many((t) => isActive(t) && t.assignedTo === null),
    sla_violated: many((t) => t.resolution !== undefined && t.resolution.breachedAt !== null),
  }
}

/** Ids of the tickets in each range, oldest first, and the numbers. */
export function ages(rows: Rows, now: number) {
  const open = alive(rows)
    .filter(isActive)
    .sort((a, b) => a.createdAt - b.createdAt || a.id - b.id)
  const old = (ticket: OracleTicket) => Math.max(0, now - ticket.createdAt) / HOUR
  const range = (from: number, to: number) => open.filter((ticket) => old(ticket) >= from && old(ticket) < to)
  const ranges = {
    '0-24h': range(0, 24),
    '24-48h': range(24, 48),
    '48-72h': range(48, 72),
    '72h+': range(72, Number.POSITIVE_INFINITY),
  }
  const total = open.reduce((sum, ticket) => sum + Math.max(0, now - ticket.createdAt), 0)
  return {
    aging_data: Object.entries(ranges).map(([age_range, some]) => ({ age_range, count: some.length })),
    shown: Object.entries(ranges).map(([, some]) =>
      some.slice(0, 50).map((ticket) => [ticket.id, hundredth(old(ticket))]),
    ),
    total_open_tickets: open.length,
    average_age_hours: open.length === 0 ? null : hundredth(total / open.length / HOUR),
  }
}

/** The calendar counts every second. */
export function violations(rows: Rows, now: number, limit: number) {
  const ticketOf = (clock: OracleClock) => rows.tickets.find((ticket) => ticket.id === clock.ticketId)!
  return rows.clocks
    .filter((clock) => clock.breachedAt !== null && !ticketOf(clock).isDeleted)
    .sort((a, b) => b.breachedAt! - a.breachedAt! || b.id - a.id)
    .slice(0, limit)
    .map((clock) => {
      const ticket = ticketOf(clock)
      const due = clock.dueAt ?? clock.breachedAt!
      return {
        id: ticket.id,
        ticket_id: `TKT-${ticket.id}`,
        title: ticket.title,
        priority: ticket.priority,
        category: ticket.category,
        status: ticket.status,
        created_by: ticket.createdBy,
        assigned_to: ticket.assignedTo,
        created_at: iso(ticket.createdAt),
        metric: clock.metric,
        due_at: iso(due),
        breached_at: iso(clock.breachedAt!),
        hours_overdue: hundredth(Math.max(0, (clock.stoppedAt ?? clock.pausedAt ?? now) - due) / HOUR),
      }
    })
}

export function unassigned(rows: Rows, now: number, limit: number) {
  return alive(rows)
    .filter((ticket) => isActive(ticket) && ticket.assignedTo === null)
    .sort((a, b) => a.createdAt - b.createdAt || a.id - b.id)
    .slice(0, limit)
    .map((ticket) => ({
      id: `TKT-${ticket.id}`,
      ticket_id: `TKT-${ticket.id}`,
      title: ticket.title,
      priority: ticket.priority,
      category: ticket.category,
      status: ticket.status,
      created_at: iso(ticket.createdAt),
      hours_open: hundredth(Math.max(0, now - ticket.createdAt) / HOUR),
    }))
}

/** Walks each ticket's log: it is open from its creation to a move to settled, and again from one back. */
export function volume(rows: Rows, now: number, from: number, to: number, bucket: string, tz: string) {
  const tickets = alive(rows)
  const moves = (into: string, start: number, end: number) =>
    tickets.flatMap((ticket) => ticket.moves).filter((move) => move.to === into && isIn(move.at, start, end))
      .length
  const wasOpen = (ticket: OracleTicket, at: number) =>
    ticket.createdAt < at && (ticket.moves.findLast((move) => move.at < at)?.to ?? 'active') === 'active'
  return walkBuckets(from, to, bucket, tz).map(({ start, end, label }) => ({
    start: iso(start),
    end: iso(end),
    label,
    created: tickets.filter((ticket) => isIn(ticket.createdAt, start, end)).length,
    resolved: moves('settled', start, end),
    reopened: moves('active', start, end),
    backlog: start > now ? null : tickets.filter((ticket) => wasOpen(ticket, end)).length,
  }))
}
