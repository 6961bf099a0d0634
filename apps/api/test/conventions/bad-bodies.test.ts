import { createTestDesk } from '@servicedesk/testing'
import t, { type Test } from 'tap'
import { type Operation, objectsOf, operationsOf, pathOf, type Schema } from '../helpers/operations.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const isIgnored = (schema: Schema) =>
  schema.type === undefined && schema.anyOf === undefined && schema.enum === undefined
const takes = (type: string, schema: Schema): boolean =>
  schema.type === type || !!schema.anyOf?.some((each) => takes(type, each))

/** Bodies that no operation accepts, whatever it is about. */
const NEVER: [what: string, body: string, code?: string][] = [
  ['cut off', '{"title": "x', 'malformed_json'],
  ['no JSON', 'title=x', 'malformed_json'],
  ['two values', '{} {}', 'malformed_json'],
  ['a NUL byte', '{"a": "\0"}', 'malformed_json'],
  ['a prototype', '{"__proto__": {"admin": true}}', 'malformed_json'],
  ['a list', '[]'],
  ['a text', '"text"'],
  ['a number', '42'],
  ['true', 'true'],
  ['deep nesting', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  [
    'many members',
    JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`m${i}`, i]))),
  ],
  ['an unknown member', '{"no_such_member": 1}', 'validation_failed'],
]

t.test('every operation refuses bad bodies and changes nothing', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await desk.person('System Admin')
  const send = sender(desk, admin)
  const before = await contentOf(desk)
  const operations = operationsOf(desk).filter((each) => each.json !== undefined)
  t.ok(operations.length >= 12, 'the document lists operations with bodies')

  for (const operation of operations) {
    await t.test(`${operation.method} ${operation.path}`, async (t) => {
      const path = pathOf(operation)
      const post = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
        send(operation.method, path, body, headers)
      for (const [what, body, code] of NEVER) isProblem(t, await post(body), 400, code, what)
      isProblem(t, await post('<a/>', { 'content-type': 'application/xml' }), 415, undefined, 'XML')
      isProblem(t, await post('a', { 'content-type': 'text/plain' }), 415, undefined, 'plain text')
      isProblem(t, await post('a=1', { 'content-type': 'application/x-www-form-urlencoded' }), 415)
      const large = JSON.stringify({ a: 'x'.repeat(1024 ** 2) })
      isProblem(t, await post(large), 413, 'body_too_large', 'more than 1 MB')
      await refusesEmpty(t, operation, post)
      await refusesMembers(t, operation, post)
    })
  }
  t.same(await contentOf(desk), before, 'no row was added, changed or removed')
  t.same(storedFiles(desk), [])
})

type Post = (body: string) => ReturnType<ReturnType<typeof sender>>

async function refusesEmpty(t: Test, operation: Operation, post: Post): Promise<void> {
  const [object] = objectsOf(operation.json)
  if (!object?.required?.length) return
  isProblem(t, await post(''), 400, undefined, 'no body')
  const { errors } = isProblem(t, await post('{}'), 400, 'validation_failed', 'an empty object')
  t.ok(object.required.includes(errors[0]?.path ?? ''), 'names a member that is missing')
}

/** Each member with values of the wrong type, and texts that cannot be stored. */
async function refusesMembers(t: Test, operation: Operation, post: Post): Promise<void> {
  for (const object of objectsOf(operation.json)) {
    for (const [name, schema] of Object.entries(object.properties ?? {}).filter(
      ([, each]) => !isIgnored(each),
    )) {
      for (const wrong of [{ a: 1 }, [[]], false, 1.5, 'x'.repeat(200_000)]) {
        if (wrong === false && schema.type === 'boolean') continue
        if (wrong === 1.5 && takes('number', schema)) continue
        const answer = await post(JSON.stringify({ [name]: wrong }))
        const { errors } = isProblem(t, answer, 400, undefined, `${name} = ${String(wrong).slice(0, 20)}`)
        t.ok(errors.length > 0, `${name}: errors names members`)
      }
      if (!takes('string', schema)) continue
      for (const text of ['a\\u0000b', '\\ud800', 'x\\udfffy']) {
        const answer = await post(`{"${name}": "${text}"}`)
        isProblem(t, answer, [400, 401, 404], undefined, `${name} = ${text}`)
      }
    }
  }
}
