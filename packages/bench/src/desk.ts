import { type Core, createCore, DEFAULT_MAIL, insertUser, systemClock } from '@servicedesk/core'
import type { Database } from '@servicedesk/db'

let people = 0

/** An administrator of its own for a measurement. */
export async function insertBenchUser(db: Database) {
  people += 1
  const user = await db.transaction((tx) =>
    insertUser(tx, {
      email: `bench${people}@example.com`,
      name: 'Bench',
      firstName: 'Bench',
      lastName: '',
      role: 'System Admin',
      createdAt: new Date(),
    }),
  )
  return { ...user, role: 'System Admin' as const, sessionId: '' }
}

/** The product's core on a database, with nothing that runs its jobs. */
export function createBenchCore(db: Database): Core {
  return createCore({
    db,
    clock: systemClock,
    dispatch: () => undefined,
    files: { quotaBytes: undefined, isScanned: false },
    mail: DEFAULT_MAIL,
    link: () => '',
    auth: { secret: 'bench', refreshTokenDays: 1, passwords: { refuseCommon: false } },
  })
}
