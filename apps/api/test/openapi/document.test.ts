import { Validator } from '@seriousme/openapi-schema-validator'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { operationsOf } from '../helpers/operations.ts'

interface Described {
  operationId?: string
  summary?: string
  tags?: string[]
  responses: Record<string, { description: string; content?: Record<string, object> }>
  parameters?: { name: string; in: string; required?: boolean; schema: { default?: unknown } }[]
}

const desk = await createTestDesk(t)
const document = (await desk.app.inject({ url: '/api/openapi.json' })).json()
const operations = Object.entries<Record<string, Described>>(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
)

t.test('is a valid OpenAPI 3.1 document', async (t) => {
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  t.ok(valid, JSON.stringify(errors, null, 1)?.slice(0, 2_000))
  t.match(document.openapi, /^3\.1\.\d$/)
  t.same(
    document.servers.map((server: { url: string }) => server.url),
    ['http://desk.test/api/v1', 'http://desk.test/api'],
  )
})

t.test('every operation is named, described and says how it ends', async (t) => {
  const ids = operations.map(({ operation }) => operation.operationId)
  t.same(new Set(ids).size, ids.length, 'operation ids are unique')
  const known = new Set(document.tags.map((tag: { name: string }) => tag.name))
  for (const { name, operation } of operations) {
    t.match(operation, { operationId: /^[a-z]\w+$/i, summary: /\w{3}/ }, name)
    t.ok(
      operation.tags?.length === 1 && operation.tags.every((tag) => known.has(tag)),
      `${name}: one known tag`,
    )
    const statuses = Object.keys(operation.responses)
    t.ok(
      statuses.some((status) => status.startsWith('2')),
      `${name}: how it succeeds: ${statuses}`,
    )
    t.ok(statuses.includes('4XX') && statuses.includes('5XX'), `${name}: how it fails`)
    for (const parameter of operation.parameters ?? []) {
      const needed = parameter.in === 'path' || (parameter.required && parameter.schema.default === undefined)
      t.equal(parameter.required ?? false, needed ?? false, `${name}: ${parameter.name} has a default`)
    }
  }
})

t.test('every reference leads somewhere', async (t) => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) =>
    String(match[1]),
  )
  t.ok(references.length > 0)
  for (const reference of new Set(references)) {
    const parts = reference.split('/').slice(1)
    const found = parts.reduce((at, part) => at?.[part], document)
    t.type(found, 'object', reference)
  }
})

t.test('forms are described beside JSON', async (t) => {
  const byId = new Map(operationsOf(desk).map((each) => [each.id, each]))
  t.ok(byId.get('createTicket')?.json && byId.get('createTicket')?.form)
  for (const id of ['uploadFiles', 'uploadImage', 'uploadToCloudinary']) {
    t.match(byId.get(id)?.form, { properties: { file: { format: 'binary' }, ticket_id: {} } }, id)
  }
})

t.test('the page that shows it loads its own scripts', async (t) => {
  const page = await desk.app.inject({ url: '/docs/' })
  t.equal(page.statusCode, 200)
  const scripts = [...page.body.matchAll(/src="([^"]+)"/g)].map((match) => match[1] ?? '')
  t.ok(scripts.length > 0)
  for (const script of scripts) {
    const url = new URL(script, 'http://desk.test/docs/').pathname
    t.equal((await desk.app.inject({ url })).statusCode, 200, url)
  }
})
