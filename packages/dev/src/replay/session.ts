import { UserError } from '../user-error.ts'
import type { ApiRequest, Caller } from './caller.ts'
import { members, numberOf, textOf } from './json.ts'
import type { Credentials } from './options.ts'
import type { Answer } from './retry-policy.ts'

export const JSON_BODY = { 'content-type': 'application/json' }

/** Somebody who is signed in, and stays so. */
export interface Session {
  userId: number
  /** Like the caller it was made of, with the access token; an expired one is replaced. */
  call: Caller
}

/**
 * Signs in.
 * @param patienceMs how long to wait for a server that is away, this first time
 * @throws UserError when the credentials are refused, Unreachable
 */
export async function signIn(call: Caller, credentials: Credentials, patienceMs: number): Promise<Session> {
  let { token, userId } = await login(call, credentials, { patienceMs })
  let renewal: Promise<void> | undefined

  /** Many requests meet the same expired token; the first to say so signs in for all. */
  async function renew(stale: string): Promise<void> {
    if (token !== stale) return
    renewal ??= login(call, credentials, {})
      .then((fresh) => {
        token = fresh.token
      })
      .finally(() => {
        renewal = undefined
      })
    await renewal
  }

  async function callSignedIn(request: ApiRequest): Promise<Answer> {
    for (let renewals = 0; ; renewals++) {
      const used = token
      const headers = { ...request.headers, authorization: `Bearer ${used}` }
      const answer = await call({ ...request, headers })
      // A token that is refused as soon as it is given out is no matter of expiry.
      if (answer.status !== 401 || renewals === 2) return answer
      await renew(used)
    }
  }
  return { userId, call: callSignedIn }
}

async function login(call: Caller, { email, password }: Credentials, patience: { patienceMs?: number }) {
  const answer = await call({
    method: 'POST',
    path: '/auth/login',
    headers: JSON_BODY,
    body: async () => JSON.stringify({ email, password }),
    ...patience,
  })
  const token = textOf(members(answer.body).access_token)
  const userId = numberOf(members(members(answer.body).user).id)
  if (answer.status === 200 && token !== undefined && userId !== undefined) return { token, userId }
  throw new UserError(`${email} cannot sign in: ${reasonOf(answer)}`)
}

/** What an answer says is wrong, for people. */
export function reasonOf({ status, body }: Answer): string {
  const { detail, message } = members(body)
  return textOf(detail) ?? textOf(message) ?? `status ${status}`
}
