import { defineStatement } from '@servicedesk/db'
import { BIRTH_LEASE_SECONDS, type OutboxRow } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'

/** A clock to start, as JSON for the statement. */
export interface NewClock {
  metric: 'first_response' | 'resolution'
  policy_id: number
  target_seconds: number
  warn_percent: number
  calendar_version_id: number
  warn_at: string
  due_at: string
}

/** A stored file to attach, as JSON for the statement. */
export interface NewAttachment {
  id: string
  filename: string
  extension: string
  mime_type: string
  category: string
  bytes: number
  sha256: string
  store: string
  storage_key: string
  /** A file that is scanned first owes its scan; its thumbnails come after that. */
  status: 'scanning' | 'ready'
  thumbnail: 'none' | 'pending'
  width: number | null
  height: number | null
}

interface CreateParams extends Record<string, unknown> {
  title: string
  description: string
  statusId: number
  statusClass: string
  priorityId: number
  categoryId: number
  teamId: number | null
  createdBy: number
  actorId: number
  reportedBy: number | null
  now: string
  /** JSON of NewClock[]. */
  clocks: string
  /** JSON of NewAttachment[]. */
  files: string
  /** The trace that owes the jobs. */
  traceparent: string | null
  /** JSON of what mail to those who asked for it says. */
  mail: string
  /** How long such a mail waits for what follows. */
  groupSeconds: number
}

const p = sql.placeholder

/**
 * Creates a ticket with its attachments, first events, running clocks, supervisors' alerts and mails and the jobs it owes:
 * one prepared statement, so one round trip and all or nothing. In the outbox payloads, `jsonb_build_object`
 * stands for `emit`: the ids are the statement's own and known only inside it.
 */
export const createTicketStatement = defineStatement<
  CreateParams,
  { id: number; jobs: OutboxRow[]; alerts: { id: number; userId: number }[] | null }
>(
  'create_ticket',
  sql`
  WITH file AS (
    SELECT * FROM jsonb_to_recordset(${p('files')}::jsonb) AS f(id uuid, filename text, extension text,
      mime_type text, category text, bytes bigint, sha256 text, store text, storage_key text, status text, thumbnail text, width int, height int)
  ), numbered AS (
    SELECT file.*, row_number() OVER () AS n FROM file
  ), t AS (
    INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, team_id,
      created_by, reported_by, created_at, updated_at, event_seq, public_seq)
    SELECT ${p('title')}, ${p('description')}, ${p('statusId')}::bigint, ${p('statusClass')},
      ${p('priorityId')}::bigint, ${p('categoryId')}::bigint, ${p('teamId')}::bigint, ${p('createdBy')}::bigint,
      ${p('reportedBy')}::bigint, ${p('now')}::timestamptz, ${p('now')}::timestamptz, files.n + 1, files.n + 1
    FROM (SELECT count(*)::int AS n FROM file) files
    RETURNING id, title, created_at
  ), attached AS (
    INSERT INTO attachments (id, ticket_id, uploaded_by, filename, extension, mime_type, category, bytes, sha256,
      store, storage_key, status, thumbnail, width, height, created_at)
    SELECT f.id, t.id, ${p('actorId')}::bigint, f.filename, f.extension, f.mime_type, f.category, f.bytes, f.sha256,
      f.store, f.storage_key, f.status, f.thumbnail, f.width, f.height, t.created_at
    FROM t, numbered f
  ), events AS (
    INSERT INTO ticket_events (ticket_id, seq, public_seq, type, actor_id, data, attachment_id, created_at)
    SELECT t.id, 1, 1, 'ticket_created', ${p('actorId')}::bigint, '{}', NULL, t.created_at FROM t
    UNION ALL
    SELECT t.id, f.n + 1, f.n + 1, 'file_uploaded', ${p('actorId')}::bigint,
      jsonb_build_object('filename', f.filename, 'bytes', f.bytes), f.id, t.created_at
    FROM t, numbered f
  ), clock AS (
    INSERT INTO sla_clocks (ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state,
      running_since, warn_at, due_at, event_seq)
    SELECT t.id, k.metric, k.policy_id, k.target_seconds, k.warn_percent, k.calendar_version_id, 'running',
      t.created_at, k.warn_at, k.due_at, 1
    FROM t, jsonb_to_recordset(${p('clocks')}::jsonb) AS k(metric text, policy_id bigint, target_seconds int,
      warn_percent smallint, calendar_version_id bigint, warn_at timestamptz, due_at timestamptz)
    RETURNING id, policy_id, target_seconds, warn_percent, calendar_version_id, running_since
  ), clock_log AS (
    INSERT INTO sla_clock_events (clock_id, seq, type, at, data)
    SELECT id, 1, 'start', running_since, jsonb_build_object('policy_id', policy_id, 'target_seconds', target_seconds,
      'warn_percent', warn_percent, 'calendar_version_id', calendar_version_id)
    FROM clock
  ), people AS (
    SELECT u.id, u.email, coalesce(np.in_app, true) AS in_app, coalesce(np.email, false) AS by_mail
    FROM users u
    LEFT JOIN notification_preferences np ON np.user_id = u.id AND np.alert_type = 'ticket_created'
    WHERE u.role = 'Technical Supervisor' AND u.is_active AND u.id <> ${p('actorId')}::bigint
  ), told AS (
    INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, created_at)
    SELECT people.id, t.id, 'ticket_created', 'New ticket TKT-' || t.id, t.title, t.created_at
    FROM t, people WHERE people.in_app
    RETURNING id, user_id
  ), mailed AS (
    INSERT INTO email_deliveries (id, template, user_id, to_email, ticket_id, event_seq, params, items, is_open, status,
      created_at)
    SELECT uuidv7(), 'ticket_created', people.id, people.email, t.id, 1, '{}', jsonb_build_array(jsonb_build_object(
      'template', 'ticket_created', 'event_seq', 1, 'at', t.created_at, 'params', ${p('mail')}::jsonb)),
      ${p('groupSeconds')}::int > 0, 'queued', t.created_at
    FROM t, people WHERE people.by_mail
    RETURNING id
  ), job AS (
    INSERT INTO outbox (queue, name, payload, available_at, lease_until, traceparent)
    SELECT j.queue, j.name, j.payload, now() + make_interval(secs => j.delay), CASE j.delay WHEN 0 THEN
      now() + make_interval(secs => ${sql.raw(String(BIRTH_LEASE_SECONDS))}) END, ${p('traceparent')}::text
    FROM (
      SELECT 'assignment' AS queue, 'ticket.assign' AS name, jsonb_build_object('ticket_id', t.id) AS payload, 0 AS delay
      FROM t
      UNION ALL
      SELECT 'thumbnails', 'thumbnail.make', jsonb_build_object('attachment_id', f.id), 0
      FROM numbered f WHERE f.status = 'ready' AND f.thumbnail = 'pending'
      UNION ALL
      SELECT 'files', 'file.scan', jsonb_build_object('attachment_id', f.id), 0
      FROM numbered f WHERE f.status = 'scanning'
      UNION ALL
      SELECT 'email', 'email.send', jsonb_build_object('delivery_id', id), ${p('groupSeconds')}::int FROM mailed
    ) j
    RETURNING id, queue, name, payload, attempts, traceparent, lease_until IS NOT NULL AS is_due
  )
  SELECT t.id, (SELECT jsonb_agg(to_jsonb(job) - 'is_due') FILTER (WHERE is_due) FROM job) AS jobs,
    (SELECT jsonb_agg(jsonb_build_object('id', told.id, 'userId', told.user_id)) FROM told) AS alerts
  FROM t`,
)
