import type { Actor } from '@servicedesk/core'
import type { Tx } from '@servicedesk/db/client'
import type { FastifyInstance } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdParam, Message } from '../shared/schemas.ts'

export const tags = ['Configuration']

/** A kind of row that everybody reads and admins edit. */
interface Entity<View extends { id: number }, Input> {
  path: string
  /** In operation ids and summaries: `Team`, `Teams`. */
  one: string
  many: string
  schemas: { view: TSchema; create: TSchema; update: TSchema }
  service: {
    list(): Promise<View[]>
    get(id: number): Promise<View>
    create(actor: Actor, input: Input, outer?: Tx): Promise<View>
    update(actor: Actor, id: number, input: Partial<Input>): Promise<View>
    remove(actor: Actor, id: number): Promise<void>
  }
}

/** The five routes of a kind of configuration row. Bodies are validated by its schemas, so they are its inputs. */
export function entityRoutes<View extends { id: number }, Input>(
  app: FastifyInstance,
  deps: RouteDeps,
  { path, one, many, schemas, service }: Entity<View, Input>,
): void {
  const name = one.replaceAll(' ', '')
  const names = many.replaceAll(' ', '')
  const config = { access: 'admin' } as const
  const idOf = (request: { params: unknown }) => (request.params as { id: number }).id

  app.get(
    path,
    {
      schema: {
        tags,
        operationId: `list${names}`,
        summary: many,
        response: answers({ 200: Type.Array(schemas.view) }),
      },
    },
    async () => service.list(),
  )

  app.get(
    `${path}/:id`,
    {
      schema: {
        tags,
        operationId: `get${name}`,
        summary: `One ${one}`,
        params: IdParam,
        response: answers({ 200: schemas.view }),
      },
    },
    async (request) => service.get(idOf(request)),
  )

  app.post(
    path,
    {
      config,
      schema: {
        tags,
        operationId: `create${name}`,
        summary: `Add: ${one}`,
        body: schemas.create,
        response: answers({ 201: schemas.view }),
      },
    },
    async (request, reply) => {
      const { body, actor } = request
      const made = await answerOnce(deps, request, reply, body, async (outer) => {
        const view = await service.create(actor, body as Input, outer)
        return { status: 201, headers: { location: `/api/v1/config${path}/${view.id}` }, body: view }
      })
      deps.core.config.forget()
      return reply.send(made)
    },
  )

  app.put(
    `${path}/:id`,
    {
      config,
      schema: {
        tags,
        operationId: `update${name}`,
        summary: `Change: ${one}; members that are not sent stay`,
        params: IdParam,
        body: schemas.update,
        response: answers({ 200: schemas.view }),
      },
    },
    async (request) => service.update(request.actor, idOf(request), request.body as Partial<Input>),
  )

  app.delete(
    `${path}/:id`,
    {
      config,
      schema: {
        tags,
        operationId: `delete${name}`,
        summary: `Delete: ${one}; 409 while it is in use`,
        params: IdParam,
        response: answers({ 200: Message }),
      },
    },
    async (request) => {
      await service.remove(request.actor, idOf(request))
      return { message: `${one} deleted` }
    },
  )
}
