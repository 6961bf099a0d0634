import type { Sql } from 'postgres'

export const AGENTS = 50
export const SUPERVISORS = 2
export const TEAMS = 3

/** One requester for so many tickets, but a few at least. */
const TICKETS_A_REQUESTER = 500
const FEWEST_REQUESTERS = 20

/**
 * Fills an empty desk with people: agents in three teams, supervisors, one administrator, and requesters. Nobody can sign
 * in; their tables `bench_agents(n, id, team_id)` and `bench_requesters(n, id)` are numbered from 0.
 * @returns how many requesters there are
 */
export async function loadPeople(sql: Sql, tickets: number): Promise<number> {
  const requesters = Math.max(FEWEST_REQUESTERS, Math.ceil(tickets / TICKETS_A_REQUESTER))
  await sql`INSERT INTO teams (name) SELECT 'Team ' || n FROM generate_series(1, ${TEAMS}::int) n`
  const people = (role: string, prefix: string, many: number) => sql`
    INSERT INTO users (email, name, first_name, last_name, role, is_verified, created_at)
    SELECT ${prefix}::text || n || '@bench.example', ${prefix}::text || ' ' || n, ${prefix}::text, n::text, ${role}, true,
      now() - interval '2 years'
    FROM generate_series(1, ${many}::int) n`
  await people('Technical User', 'Agent', AGENTS)
  await people('Technical Supervisor', 'Supervisor', SUPERVISORS)
  await people('System Admin', 'Admin', 1)
  await people('Normal User', 'Requester', requesters)
  await sql`
    CREATE UNLOGGED TABLE bench_agents AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, id,
      (SELECT min(id) FROM teams) + (row_number() OVER (ORDER BY id) - 1) % ${TEAMS}::int AS team_id
    FROM users WHERE role = 'Technical User' AND email LIKE '%@bench.example'`
  await sql`
    INSERT INTO agents (user_id, team_id, max_tickets) SELECT id, team_id, 100000 FROM bench_agents`
  await sql`
    INSERT INTO agents (user_id, max_tickets, is_available)
    SELECT id, 100000, false FROM users WHERE role = 'Technical Supervisor' AND email LIKE '%@bench.example'`
  await sql`
    CREATE UNLOGGED TABLE bench_requesters AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM users
    WHERE role = 'Normal User' AND email LIKE '%@bench.example'`
  await sql`ALTER TABLE bench_agents ADD PRIMARY KEY (n)`
  await sql`ALTER TABLE bench_requesters ADD PRIMARY KEY (n)`
  return requesters
}
