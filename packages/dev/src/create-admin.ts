import { parseArgs } from 'node:util'
import { createCore, DomainError, systemClock } from '@servicedesk/core'
import { closeDatabase, createDatabase } from '@servicedesk/db'
import { readAdminPassword, readDatabaseUrl } from './config.ts'
import { describeError, UserError } from './user-error.ts'

// npm run create-admin -- --email admin@company.com --name "First Admin"

const USAGE = 'Usage: ADMIN_PASSWORD=… npm run create-admin -- --email admin@company.com --name "First Admin"'

async function createAdmin(): Promise<string> {
  const { values } = parseArgs({ options: { email: { type: 'string' }, name: { type: 'string' } } })
  const password = readAdminPassword()
  if (!values.email || !values.name || !password) throw new UserError(USAGE)
  if (!/^[^\s@]+@[^\s@]+$/.test(values.email))
    throw new UserError(`"${values.email}" is no e-mail address. ${USAGE}`)
  const db = createDatabase(readDatabaseUrl(), { max: 2, applicationName: 'servicedesk-create-admin' })
  try {
    const core = createCore({
      db,
      clock: systemClock,
      dispatch: () => undefined,
      files: { quotaBytes: undefined, isScanned: false },
      mail: { groupSeconds: 0 },
      link: () => '',
      auth: { secret: '', refreshTokenDays: 7, passwords: { refuseCommon: true } },
    })
    const create = await core.users.prepare({
      email: values.email,
      name: values.name,
      role: 'System Admin',
      password,
    })
    const user = await create()
    return `Admin ${user.email} was created with id ${user.id}.`
  } finally {
    await closeDatabase(db)
  }
}

try {
  console.log(await createAdmin())
} catch (error) {
  console.error(error instanceof DomainError ? error.message : describeError(error))
  process.exitCode = 1
}
