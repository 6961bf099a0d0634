import type { TestDesk } from '@servicedesk/testing'
import type { Test } from 'tap'
import { isProblem } from './problem.ts'
import { contentOf } from './rows.ts'
import type { Send } from './send.ts'

/** What to send, and the member that the answer must name. */
export type BadBody = [path: string, body: object]

/** Asserts that every body is refused with 400 naming its member, and that nothing changed in any table. */
export async function refusesBodies(
  t: Test,
  desk: TestDesk,
  send: (body: object) => ReturnType<Send>,
  bodies: readonly BadBody[],
): Promise<void> {
  const before = await contentOf(desk)
  for (const [path, body] of bodies) {
    const what = `${path}: ${JSON.stringify(body).slice(0, 100)}`
    const { errors } = isProblem(t, await send(body), 400, 'validation_failed', what)
    t.equal(errors[0]?.path, path, what)
  }
  t.same(await contentOf(desk), before, 'nothing changed')
}

/** Asserts that a delete is refused because of what uses the row, and that nothing changed. */
export async function refusesInUse(
  t: Test,
  desk: TestDesk,
  answer: () => ReturnType<Send>,
  by: RegExp,
): Promise<void> {
  const before = await contentOf(desk)
  const { detail } = isProblem(t, await answer(), 409, 'in_use')
  t.match(detail, by)
  t.same(await contentOf(desk), before, 'nothing changed')
}
