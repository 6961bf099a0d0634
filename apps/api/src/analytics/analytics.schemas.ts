import { BUCKETS, MOST_BUCKETS } from '@servicedesk/core'
import { Type } from 'typebox'
import { Nullable, strict, Timestamp } from '../shared/schemas.ts'
import { Ticket } from '../tickets/tickets.schemas.ts'

const period = {
  from: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'ISO 8601 date or instant, without a zone read in `tz`; by default 30 days before `to`',
    }),
  ),
  to: Type.Optional(
    Type.String({ maxLength: 40, description: 'The same; it is not part of the period. By default now' }),
  ),
  tz: Type.Optional(
    Type.String({ maxLength: 100, default: 'UTC', description: 'IANA name, such as Europe/Berlin' }),
  ),
}
export const PeriodQuery = Type.Object(period, strict)
export const VolumeQuery = Type.Object(
  {
    ...period,
    bucket: Type.Optional(
      Type.String({
        maxLength: 20,
        default: 'day',
        description: `${BUCKETS.join(', ')}; weeks begin on Monday. A period has at most ${MOST_BUCKETS}`,
      }),
    ),
  },
  strict,
)
export const LimitQuery = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }) },
  strict,
)

const Percentage = (description: string) =>
  Nullable(Type.Number({ description: `${description}: a percentage with one decimal, null without any` }))

export const Adherence = Type.Object({
  sla_adherence: Percentage('On time of total'),
  total_tickets: Type.Integer({ description: 'Resolution clocks that stopped or breached in the period' }),
  violations: Type.Integer({ description: 'Of these, breached before the end of the period' }),
  on_time: Type.Integer({ description: 'The others' }),
  trend: Type.String({
    description:
      'improving, stable or declining: by more than half a point against the period of the same length before',
  }),
})

const kept = {
  met_sla: Type.Integer(),
  violated_sla: Type.Integer(),
  adherence_percentage: Percentage('Met of both'),
}
const Kept = Type.Object(kept, {
  description:
    'Resolution clocks that stopped or breached in that time, as `/analytics/sla-adherence` counts them',
})
const TargetHours = Nullable(Type.Number({ description: 'Business hours, of the default policy' }))

/** By the names of priorities. */
export const SlaDashboard = Type.Object({
  overall: Type.Object({
    total_tickets: Type.Integer({ description: 'Open and closed' }),
    closed_met_sla: Type.Integer({ description: 'Resolved or closed, and not late' }),
    closed_violated_sla: Type.Integer({ description: 'Resolved or closed, and late' }),
    closed_adherence_percentage: Percentage('Met of both'),
    open_violated: Type.Integer({ description: 'Open and late' }),
    open_at_risk: Type.Integer({ description: 'Open, warned of and not late yet' }),
  }),
  priority_breakdown: Type.Record(Type.String(), Type.Object({ ...kept, target_hours: TargetHours }), {
    description: 'All that is resolved or closed',
  }),
  average_resolution_times: Type.Record(
    Type.String(),
    Type.Object({
      average_hours: Nullable(Type.Number({ description: 'Real hours from creation to resolution' })),
      target_hours: TargetHours,
      within_target: Nullable(Type.Boolean({ description: 'Whether the average is' })),
    }),
  ),
  sla_targets: Type.Record(Type.String(), TargetHours),
  time_analysis: Type.Object({ last_24h: Kept, last_7d: Kept, last_30d: Kept }),
})

const agent = {
  agent_id: Type.Integer(),
  id: Type.Integer({ description: 'The same' }),
  name: Type.String(),
  email: Type.String(),
  role: Type.String(),
}

export const AgentWorkloads = Type.Array(
  Type.Object({
    ...agent,
    ticket_count: Type.Integer({ description: 'Active and closed' }),
    active_tickets: Type.Integer({ description: 'Of class new, open and pending' }),
    pending_tickets: Type.Integer(),
    closed_tickets: Type.Integer({ description: 'Of class resolved and closed, ever' }),
    max_tickets: Type.Integer(),
    utilization: Nullable(
      Type.Number({
        description: 'Active of max tickets in percent; over 100 where force was used, null for a cap of 0',
      }),
    ),
  }),
)

export const AgentPerformances = Type.Array(
  Type.Object({
    ...agent,
    tickets_closed: Type.Integer({
      description: 'Tickets that the agent has, resolved in the period and not opened again',
    }),
    closed_tickets: Type.Integer({ description: 'The same' }),
    active_tickets: Type.Integer({ description: 'Open now' }),
    total_assigned: Type.Integer({ description: 'Closed and active' }),
    avg_handle_time: Nullable(
      Type.Number({
        description: 'Real hours from creation to resolution of those closed; null without one',
      }),
    ),
    sla_violations: Type.Integer({ description: 'Resolution clocks of theirs that breached in the period' }),
    rating: Type.String({
      description: 'Excellent from a score of 50, Good from 30, Average from 15, Needs Improvement',
    }),
    performance_rating: Type.String({ description: 'The same' }),
    performance_score: Type.Integer({ description: '10 a closed ticket less 5 a violation, at least 0' }),
  }),
)

const Aged = Type.Array(Type.Object({ ...Ticket.properties, hours_old: Type.Number() }))
export const TicketAging = Type.Object({
  aging_data: Type.Array(Type.Object({ age_range: Type.String(), count: Type.Integer() })),
  buckets: Type.Object(
    { '0-24h': Aged, '24-48h': Aged, '48-72h': Aged, '72h+': Aged },
    { description: 'Of each range the oldest, at most 50' },
  ),
  total_open_tickets: Type.Integer({ description: 'Neither resolved nor closed' }),
  average_age_hours: Nullable(Type.Number({ description: 'Real hours; null without an open ticket' })),
})

export const StatusCounts = Type.Object({
  open: Type.Integer({ description: 'Of class new and open' }),
  pending: Type.Integer(),
  closed: Type.Integer({ description: 'Of class resolved and closed' }),
})

const listed = {
  title: Type.String(),
  priority: Type.String(),
  category: Type.String(),
  status: Type.String(),
  created_at: Timestamp,
}

export const SlaViolations = Type.Array(
  Type.Object({
    id: Type.Integer({ description: 'Of the ticket' }),
    ticket_id: Type.String(),
    ...listed,
    created_by: Type.Integer(),
    assigned_to: Nullable(Type.Integer()),
    metric: Type.String({ description: 'first_response or resolution' }),
    due_at: Timestamp,
    breached_at: Timestamp,
    hours_overdue: Type.Number({
      description: 'Business hours of its calendar from `due_at` until it stopped or paused, or until now',
    }),
  }),
)

export const UnassignedTickets = Type.Object({
  tickets: Type.Array(
    Type.Object({
      id: Type.String({ description: 'TKT-1001' }),
      ticket_id: Type.String({ description: 'The same' }),
      ...listed,
      hours_open: Type.Number({ description: 'Real hours since it was created' }),
    }),
  ),
})

export const Volume = Type.Object({
  from: Timestamp,
  to: Timestamp,
  bucket: Type.String(),
  tz: Type.String(),
  buckets: Type.Array(
    Type.Object({
      start: Timestamp,
      end: Timestamp,
      label: Type.String({
        description: 'Local: 2026-03, 2026-03-29 (of a week its Monday), 2026-03-29T01:00+01:00',
      }),
      created: Type.Integer(),
      resolved: Type.Integer({ description: 'How often tickets were resolved, or closed without that' }),
      reopened: Type.Integer({ description: 'How often tickets were opened again' }),
      backlog: Nullable(
        Type.Integer({
          description: 'Tickets that were open at the end of the bucket, or are now; null before it begins',
        }),
      ),
    }),
  ),
})
