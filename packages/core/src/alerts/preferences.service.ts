import { ALERT_TYPES, type AlertType, type Executor, notificationPreferences, type Tx } from '@servicedesk/db'
import { and, eq, isNull } from 'drizzle-orm'
import { isStaff, type RoleName } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'

/** How a person is told of one type of alert. */
export interface Preference {
  in_app: boolean
  email: boolean
}

export type Preferences = Record<AlertType, Preference>

/** What a person wishes; null goes back to the default, what is absent stays. */
export type PreferenceChanges = {
  [T in AlertType]?: { in_app?: boolean | null; email?: boolean | null }
}

/** Mailed because somebody has to act, whoever they are. */
const TO_ACT: ReadonlySet<AlertType> = new Set(['assignment', 'sla_violation', 'escalation'])
/** Mailed to requesters, who do not look into the desk every day: of tickets that they opened. */
const TO_REQUESTERS: ReadonlySet<AlertType> = new Set(['new_message', 'mention', 'status_change'])

/** What holds for a person who has wished nothing. Writers of notifications decide by the ticket; this tells of it. */
function defaultOf(type: AlertType, role: RoleName): Preference {
  return { in_app: true, email: TO_ACT.has(type) || (TO_REQUESTERS.has(type) && !isStaff(role)) }
}

/** A person's own wishes: which alerts they get, and which of them by mail. */
export function createPreferenceService(deps: ServiceDeps) {
  return {
    /** Every type as it is for the caller. */
    get: (actor: Actor): Promise<Preferences> => read(deps.db, actor),

    /**
     * Changes the members that are given. One that says what is shown and was never wished is no wish, so that whoever
     * saves all that they were shown goes on with the defaults, which depend on the ticket too.
     * @returns all types as they are then
     */
    async change(actor: Actor, changes: PreferenceChanges): Promise<Preferences> {
      return transact(deps, async (tx) => {
        const wishes = await wishesOf(tx, actor.id)
        for (const type of ALERT_TYPES) {
          const normal = defaultOf(type, actor.role)
          const wish = wishes.get(type)
          const { in_app, email } = changes[type] ?? {}
          await write(tx, actor.id, type, {
            ...(isNews(in_app, wish?.inApp, normal.in_app) ? { inApp: in_app } : {}),
            ...(isNews(email, wish?.email, normal.email) ? { email } : {}),
          })
        }
        await tx
          .delete(notificationPreferences)
          .where(
            and(
              eq(notificationPreferences.userId, actor.id),
              isNull(notificationPreferences.inApp),
              isNull(notificationPreferences.email),
            ),
          )
        return read(tx, actor)
      })
    },
  }
}

function isNews(
  value: boolean | null | undefined,
  wished: boolean | null | undefined,
  normal: boolean,
): value is boolean | null {
  return value !== undefined && (value !== normal || (wished ?? null) !== null)
}

async function write(
  tx: Tx,
  userId: number,
  alertType: AlertType,
  set: { inApp?: boolean | null; email?: boolean | null },
): Promise<void> {
  if (Object.keys(set).length === 0) return
  const { userId: user, alertType: type } = notificationPreferences
  await tx
    .insert(notificationPreferences)
    .values({ userId, alertType, ...set })
    .onConflictDoUpdate({ target: [user, type], set })
}

async function wishesOf(db: Executor, userId: number) {
  const rows = await db
    .select()
    .from(notificationPreferences)
    .where(eq(notificationPreferences.userId, userId))
  return new Map(rows.map((row) => [row.alertType, row]))
}

async function read(db: Executor, actor: Actor): Promise<Preferences> {
  const wishes = await wishesOf(db, actor.id)
  const entries = ALERT_TYPES.map((type) => {
    const normal = defaultOf(type, actor.role)
    const wish = wishes.get(type)
    return [type, { in_app: wish?.inApp ?? normal.in_app, email: wish?.email ?? normal.email }] as const
  })
  return Object.fromEntries(entries) as Preferences
}

export type PreferenceService = ReturnType<typeof createPreferenceService>
