import { randomUUID } from 'node:crypto'
import { type Actor, insertUser, type RoleName } from '@servicedesk/core'
import { agents, type Database, sessions } from '@servicedesk/db'
import { eq } from 'drizzle-orm'

/** `correct horse battery` by argon2id with the smallest cost, so that tests do not wait for hashing. */
export const TEST_PASSWORD = 'correct horse battery'
const TEST_HASH =
  '$argon2id$v=19$m=8,t=1,p=1$BIjR1RcX3zydcJvol92dRw$byjmmm+ucjCk8xu96G1lTk0nY4901e8/IrtEhXgH8b4'

export interface PersonOptions {
  name?: string
  email?: string
  /** For agents. */
  maxTickets?: number
  isAvailable?: boolean
  teamId?: number
}

let counter = 0

/** Inserts a user with a live session and, for agents, what assignment needs. */
export async function createPerson(
  db: Database,
  role: RoleName,
  options: PersonOptions = {},
): Promise<Actor> {
  counter += 1
  const name = options.name ?? `${role} ${counter}`
  const email = options.email ?? `person${counter}@test.example`
  const now = new Date()
  const [firstName = name, lastName = ''] = name.split(' ')
  const user = await db.transaction((tx) =>
    insertUser(tx, { email, name, firstName, lastName, role, passwordHash: TEST_HASH, createdAt: now }),
  )
  const { maxTickets, isAvailable, teamId } = options
  const changes = {
    ...(maxTickets === undefined ? {} : { maxTickets }),
    ...(isAvailable === undefined ? {} : { isAvailable }),
    ...(teamId === undefined ? {} : { teamId }),
  }
  if (Object.keys(changes).length > 0) await db.update(agents).set(changes).where(eq(agents.userId, user.id))
  const sessionId = randomUUID()
  const expiresAt = new Date(now.getTime() + 7 * 24 * 3_600_000)
  await db
    .insert(sessions)
    .values({ id: sessionId, userId: user.id, createdAt: now, lastUsedAt: now, expiresAt })
  return { id: user.id, name, email, role, sessionId }
}
