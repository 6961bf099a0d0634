import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { parseTicketId } from '@servicedesk/core'
import { Type } from 'typebox'
import { limited } from '../plugins/rate-limit.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, Ignored, strict, Text, TicketIdInput } from '../shared/schemas.ts'

const Notice = Type.Object(
  {
    ticket_id: TicketIdInput,
    message: Type.Optional(Text(1, 20_000)),
    message_type: Type.Optional(Text(1, 50, 'A client’s own word for what it is about')),
    subject: Type.Optional(
      Type.String({ minLength: 1, maxLength: 150, pattern: '^(?=\\s*\\S)[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$' }),
    ),
    to_email: Ignored,
    ticket_title: Ignored,
  },
  strict,
)
const Queued = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  recipients: Type.Integer(),
})

/** Mail in staff's own words. */
export const notificationRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  app.post(
    '/email',
    {
      config: { access: 'staff', ...limited('create') },
      schema: {
        tags: ['Messages'],
        operationId: 'sendNotice',
        summary: 'Mail the requester and the watchers of a ticket',
        description: 'It goes to nobody else, whatever `to_email` says; the one who writes is not mailed.',
        body: Notice,
        response: answers({ 202: Queued }),
      },
    },
    async (request, reply) => {
      const { ticket_id, message, message_type: kind, subject } = request.body
      const notice = { ticketId: parseTicketId(ticket_id), message, kind, subject }
      const body = await answerOnce(deps, request, reply, notice, async (outer) => {
        const recipients = await deps.core.notices.send(request.actor, notice, outer)
        const told = `Mail to ${recipients} ${recipients === 1 ? 'person' : 'people'} is queued`
        return { status: 202, body: { success: true as const, message: told, recipients } }
      })
      return reply.code(202).send(body)
    },
  )
}
