import { toDate } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { type ListDeps, type PageRequest, pageOf } from '../shared/page.ts'

export interface AuditFilter extends PageRequest {
  actorId?: number | undefined
  action?: string | undefined
  entity?: string | undefined
  entityId?: string | undefined
}

interface AuditRow extends Record<string, unknown> {
  id: number
  actor_id: number | null
  actor_name: string | null
  action: string
  entity: string
  entity_id: string | null
  data: Record<string, unknown>
  created_at: string
}

/** Who changed configuration or retried jobs, for admins. */
export function createAuditLogService(deps: ListDeps) {
  const { db } = deps

  return {
    /** Newest first: ids grow. @throws DomainError 400 for a page or cursor that does not fit */
    async list(request: AuditFilter) {
      const { actorId, action, entity, entityId } = request
      const conditions: SQL[] = [
        ...(actorId === undefined ? [] : [sql`l.actor_id = ${actorId}`]),
        ...(action === undefined ? [] : [sql`l.action = ${action}`]),
        ...(entity === undefined ? [] : [sql`l.entity = ${entity}`]),
        ...(entityId === undefined ? [] : [sql`l.entity_id = ${entityId}`]),
      ]
      const where = conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `)
      const { rows, pagination } = await pageOf<AuditRow>(deps, request, {
        filter: { list: 'audit-log', actorId, action, entity, entityId },
        matching: sql`FROM audit_log l WHERE ${where}`,
        placeOf: (row) => [String(row.id)],
        rows: (limit, offset, after) =>
          db.execute<AuditRow>(sql`
            SELECT l.*, u.name AS actor_name FROM audit_log l LEFT JOIN users u ON u.id = l.actor_id
            WHERE ${where} ${after === undefined ? sql`` : sql`AND l.id < ${after[0]}::bigint`}
            ORDER BY l.id DESC LIMIT ${limit} OFFSET ${offset}`),
      })
      const entries = rows.map((row) => ({ ...row, created_at: toDate(row.created_at).toISOString() }))
      return { entries, pagination }
    },
  }
}
