import Fastify from 'fastify'
import t from 'tap'
import { schemaController } from '../../src/plugins/validation.ts'

const count = { type: 'object', properties: { n: { $ref: 'count#' } }, additionalProperties: false }

/** An app whose body and query have schemas of the same text, with a count that is at most so much. */
function appOf(schemas: ReturnType<typeof schemaController>, maximum: number) {
  const app = Fastify({ schemaController: schemas })
  app.addSchema({ $id: 'count', type: 'integer', maximum })
  app.post('/', { schema: { body: { ...count }, querystring: { ...count } } }, async (request) => ({
    body: request.body,
    query: request.query,
  }))
  return (query: string, body: object) => app.inject({ method: 'POST', url: `/?${query}`, body })
}

t.test('text is coerced in a query and not in a body, though their schemas are the same', async (t) => {
  const post = appOf(schemaController(), 9)
  const good = await post('n=5', { n: 5 })
  t.equal(good.statusCode, 200)
  t.strictSame(good.json(), { body: { n: 5 }, query: { n: 5 } })
  t.match((await post('n=5', { n: '5' })).json(), { statusCode: 400, message: 'body/n must be integer' })
  t.match((await post('n=x', { n: 5 })).json(), { statusCode: 400, message: 'querystring/n must be integer' })
  t.match((await post('m=5', { n: 5 })).json(), { statusCode: 400 })
})

t.test('apps that share a controller keep to what their own shared schemas say', async (t) => {
  const schemas = schemaController()
  const [few, many] = [appOf(schemas, 1), appOf(schemas, 9)]
  for (const round of [1, 2]) {
    t.equal((await few('', { n: 5 })).statusCode, 400, `round ${round}`)
    t.equal((await many('', { n: 5 })).statusCode, 200)
    t.equal((await few('', { n: 1 })).statusCode, 200)
  }
})
