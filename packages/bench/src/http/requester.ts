import type { Actor } from '@servicedesk/core'
import { TEST_PASSWORD } from '@servicedesk/testing'
import postgres from 'postgres'
import type { DeskContext } from '../framework/measurement.ts'
import { ask } from './ask.ts'

/** Somebody of the loaded desk who reports tickets and watches some of others, signed in. */
export async function signInRequester({
  servers,
  desk,
}: DeskContext): Promise<{ actor: Actor; token: string }> {
  const sql = postgres(servers.databaseUrl, { max: 1 })
  try {
    // Loaded people have no password; this one gets the administrator's of the measurement.
    const [user] = await sql<{ id: string; name: string; email: string }[]>`
      UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE id = ${desk.actor.id})
      WHERE email = 'Requester1@bench.example' RETURNING id, name, email`
    if (user === undefined) throw new Error('the desk has no requester')
    const { email, name } = user
    const { access_token: token } = await ask<{ access_token: string }>(
      'POST',
      `${desk.api.url}/auth/login`,
      '',
      {
        email,
        password: TEST_PASSWORD,
      },
    )
    return { actor: { id: Number(user.id), name, email, role: 'Normal User', sessionId: '' }, token }
  } finally {
    await sql.end()
  }
}
