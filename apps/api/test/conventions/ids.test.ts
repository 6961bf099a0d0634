import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { type Operation, operationsOf, pathOf, unknownId } from '../helpers/operations.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

/** The smallest body that an operation accepts, so that the unknown id is what is wrong. */
const BODIES: Record<string, object> = {
  assignTicket: { agent_id: 'auto' },
  postAssignment: { agent_id: 'auto' },
  createComment: { content: 'A comment' },
  createTicket: {},
  escalateTicket: { reason: 'It burns' },
  setTicketStatus: { status: 'Open' },
  setTicketPriority: { priority: 'High' },
  addHolidays: { date: '2026-12-25', name: 'Christmas Day' },
  previewCalendar: { from: '2026-01-01T00:00:00Z', seconds: 60 },
}
const MALFORMED = [
  'abc',
  '0',
  '-1',
  '1.5',
  '1e3',
  '1;DROP TABLE users',
  "1'--",
  '%00',
  '%ED%A0%80',
  '%F0%9F%98%80',
  'TKT-',
  'TKT-0',
  'TKT-1x',
  '..%2f..%2fetc',
  '9'.repeat(30),
  'a'.repeat(900),
]
const isNamed = ({ pathParameters }: Operation) => pathParameters.length > 0

t.test('ids that are malformed, out of range or unknown', async (t) => {
  const desk = await createTestDesk(t)
  const send = sender(desk, await desk.person('System Admin'))
  const before = await contentOf(desk)
  const operations = operationsOf(desk).filter(isNamed)
  t.ok(operations.length >= 16)
  for (const operation of operations) {
    await t.test(`${operation.method} ${operation.path}`, async (t) => {
      const body = operation.json && (BODIES[operation.id] ?? {})
      for (const id of MALFORMED) {
        const answer = await send(
          operation.method,
          pathOf(operation, () => id),
          body,
        )
        isProblem(t, answer, [400, 404], undefined, id.slice(0, 30))
      }
      isProblem(t, await send(operation.method, pathOf(operation), body), 404, 'not_found', 'unknown')
      const huge = pathOf(operation, (each) =>
        unknownId(each).replace(/9{9}/, String(Number.MAX_SAFE_INTEGER).slice(0, 15)),
      )
      isProblem(t, await send(operation.method, huge, body), 404, 'not_found', 'huge')
    })
  }
  t.same(await contentOf(desk), before, 'nothing changed')
})

t.test('queries', async (t) => {
  const desk = await createTestDesk(t)
  const send = sender(desk, await desk.person('System Admin'))
  for (const operation of operationsOf(desk).filter((each) => each.queryParameters.length > 0)) {
    await t.test(`${operation.method} ${operation.path}`, async (t) => {
      const path = pathOf(operation)
      isProblem(
        t,
        await send(operation.method, `${path}?no_such=1`),
        400,
        'validation_failed',
        'unknown parameter',
      )
      for (const { name, schema } of operation.queryParameters) {
        const values = ['%00', '%ED%A0%80', 'a'.repeat(5_000)]
        if (schema.type !== 'string') values.push('x', '-1', '1.5', '99999999999999999999')
        for (const value of values) {
          const answer = await send(operation.method, `${path}?${name}=${value}`)
          t.ok(answer.statusCode < 500, `${name}=${value.slice(0, 20)}: ${answer.statusCode}`)
          if (answer.statusCode >= 400) isProblem(t, answer, answer.statusCode, undefined, name)
        }
      }
    })
  }
})

t.test('a token is asked for before anything else', async (t) => {
  const desk = await createTestDesk(t)
  const nobody = sender(desk)
  const operations = operationsOf(desk)
  const open = operations.filter((each) => each.isPublic).map((each) => each.id)
  t.same(
    open.filter((id) => !['getLinkedFile', 'resetPassword', 'verifyEmail', 'forgotPassword'].includes(id)),
    // Signing out goes by a refresh token too, and is 401 by itself without either.
    ['register', 'login', 'refresh', 'logout'],
  )
  for (const operation of operations.filter((each) => !each.isPublic)) {
    const answer = await nobody(operation.method, pathOf(operation), operation.json && '{"broken')
    isProblem(t, answer, 401, 'unauthenticated', `${operation.method} ${operation.path}`)
  }
})
