import { users } from '@servicedesk/db'
import { and, asc, eq, gt, ilike, inArray, or, type SQL, sql } from 'drizzle-orm'
import type { RoleName } from '../policy/roles.ts'
import { type ListDeps, type PageRequest, type Pagination, pageOf } from '../shared/page.ts'

export interface UserFilter extends PageRequest {
  roles?: readonly RoleName[] | undefined
  /** Part of a name or an address. */
  search?: string | undefined
  isActive?: boolean | undefined
}

type UserRow = typeof users.$inferSelect

/** `%` and `_` of a search are themselves. */
const likePattern = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** Rows of people by id. @throws DomainError 400 for a page or cursor that does not fit */
export async function listUserRows(
  deps: ListDeps,
  filter: UserFilter,
): Promise<{ rows: UserRow[]; pagination: Pagination }> {
  const roles = filter.roles === undefined ? undefined : [...new Set(filter.roles)].sort()
  const search = filter.search || undefined
  const where = and(...conditions({ ...filter, roles, search })) ?? sql`true`
  return pageOf<UserRow>(deps, filter, {
    filter: { list: 'users', roles, search, isActive: filter.isActive },
    matching: sql`FROM users WHERE ${where}`,
    placeOf: (row) => [String(row.id)],
    rows: (limit, offset, after) =>
      deps.db
        .select()
        .from(users)
        .where(and(where, after === undefined ? undefined : gt(users.id, Number(after[0]))))
        .orderBy(asc(users.id))
        .limit(limit)
        .offset(offset),
  })
}

function conditions({ roles, search, isActive }: UserFilter): (SQL | undefined)[] {
  const pattern = search === undefined ? undefined : likePattern(search)
  return [
    roles === undefined ? undefined : inArray(users.role, [...roles]),
    isActive === undefined ? undefined : eq(users.isActive, isActive),
    pattern === undefined ? undefined : or(ilike(users.name, pattern), ilike(users.email, pattern)),
  ]
}
