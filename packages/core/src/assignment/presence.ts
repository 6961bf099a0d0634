import { sql } from 'drizzle-orm'

/**
 * Clients renew their access token every 30 minutes by default, and that is when a session is marked as used; a
 * little more than that, so that nobody is absent between two renewals.
 */
const PRESENT_MINUTES = 35

/** Whether agent `a` is present at `now`: a live session of theirs was used within 35 minutes. */
export function isPresent(now: Date) {
  const at = sql`${now.toISOString()}::timestamptz`
  return sql`EXISTS (SELECT 1 FROM sessions live WHERE live.user_id = a.user_id AND live.revoked_at IS NULL
    AND live.expires_at > ${at} AND live.last_used_at > ${at} - make_interval(mins => ${PRESENT_MINUTES}))`
}
