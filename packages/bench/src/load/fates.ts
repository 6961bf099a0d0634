import type { Sql } from 'postgres'

/** Tickets are spread over so many days before now. */
export const DAYS = 365

/**
 * What becomes of each of so many tickets, as a table `bench_fates` with a row each, in the order in which they are
 * reported: evenly over the last year, half of them in office hours' share of the day. Two in a hundred are open, most of them
 * recent; three in ten of the settled ones are Resolved, the rest Closed. A settled ticket took up to 1.1 times what its policy
 * promises, so that one in eleven broke the promise. A tenth of the open ones waits for an agent. By arithmetic alone, without
 * chance: the same number makes the same desk.
 */
export async function loadFates(
  sql: Sql,
  { tickets, texts, requesters, agents }: Record<'tickets' | 'texts' | 'requesters' | 'agents', number>,
): Promise<void> {
  await sql`ANALYZE bench_texts, bench_requesters, bench_agents`
  // A number from 0 to 1 that looks like chance, but is the same every time.
  await sql`
    CREATE FUNCTION bench_chance(n bigint, salt int) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(n, salt) & 1048575)::float8 / 1048576`
  await sql`
    CREATE UNLOGGED TABLE bench_fates AS
    WITH drawn AS (
      SELECT g.n, x.n AS text, x.category_id, p.id AS priority_id, q.id AS requester_id,
        a.id AS agent_id, a.team_id, p.policy_id, p.warn_percent, p.calendar_version_id, p.first_seconds, p.seconds,
        now() - make_interval(secs => ${DAYS * 86_400}::float8 * (1 - (g.n + bench_chance(g.n, 1)) / ${tickets}::float8)) AS created_at,
        g.n >= ${tickets}::int * 0.985 OR g.n % 200 = 7 AS is_open,
        bench_chance(g.n, 2) AS luck, bench_chance(g.n, 3) AS kind, bench_chance(g.n, 4) AS answer
      FROM generate_series(0, ${tickets}::int - 1) AS g(n)
      JOIN bench_texts x ON x.n = g.n % ${texts}::int
      JOIN bench_requesters q ON q.n = (hashint8extended(g.n, 5) & 2147483647) % ${requesters}::int
      JOIN bench_agents a ON a.n = (hashint8extended(g.n, 6) & 2147483647) % ${agents}::int
      JOIN (
        SELECT p.id, s.id AS policy_id, s.warn_percent, s.first_response_seconds AS first_seconds,
          s.resolution_seconds AS seconds, v.id AS calendar_version_id
        FROM priorities p JOIN sla_policies s ON s.priority_id = p.id JOIN calendar_versions v ON v.calendar_id = s.calendar_id
      ) p ON p.id = x.priority_id
    ), decided AS (
      SELECT *, CASE WHEN NOT is_open THEN created_at + make_interval(secs => greatest(60, 1.1 * luck * seconds)) END AS wanted
      FROM drawn
    ), settled AS (
      SELECT *, CASE WHEN wanted < now() THEN wanted END AS resolved_at FROM decided
    ), closed AS (
      SELECT *, CASE WHEN kind < 0.7 AND resolved_at + interval '3 days' < now() THEN resolved_at + interval '3 days' END AS closed_at
      FROM settled
    ), placed AS (
      SELECT *, CASE WHEN closed_at IS NOT NULL THEN 'closed' WHEN resolved_at IS NOT NULL THEN 'resolved'
          WHEN kind < 0.1 THEN 'new' WHEN kind < 0.8 THEN 'open' ELSE 'pending' END AS class
      FROM closed
    ), answered AS (
      SELECT *, CASE WHEN class <> 'new' THEN
        least(created_at + make_interval(secs => 60 + 1.05 * answer * first_seconds), resolved_at, now()) END AS answered_at
      FROM placed
    )
    SELECT answered.*, n + (SELECT coalesce(max(id), 1000) + 1 FROM tickets) AS id, s.id AS status_id, s.name AS status_name,
      answered.class IN ('new', 'open', 'pending') AS is_active, answered.class <> 'new' AS is_assigned,
      created_at + interval '30 seconds' AS assigned_at,
      CASE WHEN answered.class = 'pending' THEN least(answered_at + interval '1 hour', now()) END AS paused_at
    FROM answered
    JOIN (SELECT id, name, statuses.class, row_number() OVER (PARTITION BY statuses.class ORDER BY position, id) AS place FROM statuses) s
      ON s.class = answered.class AND s.place = CASE WHEN answered.class = 'open' AND answered.kind > 0.45 THEN 2 ELSE 1 END`
  await sql`ALTER TABLE bench_fates ADD PRIMARY KEY (n)`
  await sql`ANALYZE bench_fates`
}
