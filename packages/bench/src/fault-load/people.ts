import { createCaller, realDeps, SAMPLE_PASSWORD, type Session, signIn } from '@servicedesk/dev'
import type { Journal } from './journal.ts'

/** Somebody signed in on both APIs; each call goes to the other one than the call before. */
export interface Person {
  call: Session['call']
}

/** Longer than anything the plan breaks stays broken. */
const PATIENCE_MS = 180_000

export async function signInPeople(
  apis: readonly string[],
  journal: Journal,
): Promise<{ requesters: Person[]; agent: Person }> {
  const person = async (email: string): Promise<Person> => {
    const sessions: Session[] = []
    for (const api of apis) {
      const caller = createCaller(api, realDeps, (reason) => {
        journal.retries.set(reason, (journal.retries.get(reason) ?? 0) + 1)
      })
      sessions.push(
        await signIn(
          (request) => caller({ patienceMs: PATIENCE_MS, ...request }),
          { email, password: SAMPLE_PASSWORD },
          PATIENCE_MS,
        ),
      )
    }
    let turn = 0
    return {
      call(request) {
        turn += 1
        const session = sessions[turn % sessions.length]
        if (session === undefined) throw new Error('there is no API to call')
        return session.call(request)
      },
    }
  }
  const requesters: Person[] = []
  for (const number of [1, 2, 3]) requesters.push(await person(`user${number}@example.com`))
  return { requesters, agent: await person('supervisor@example.com') }
}
