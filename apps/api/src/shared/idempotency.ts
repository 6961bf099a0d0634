import { createHash } from 'node:crypto'
import { createOnce, invalid, type StoredAnswer } from '@servicedesk/core'
import type { Tx } from '@servicedesk/db/client'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteDeps } from './route-deps.ts'

/**
 * Answers a creating POST: plainly, or under its `Idempotency-Key` once, with the answer stored in the
 * transaction that creates.
 * @param asked everything that the request asks for; the same key with something else is a 422
 * @returns the body, after status and headers were set
 */
export async function answerOnce<B>(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: unknown,
  create: (outer: Tx | undefined) => Promise<{ status: number; headers?: Record<string, string>; body: B }>,
): Promise<B> {
  const key = request.headers['idempotency-key']
  if (key === undefined) {
    const answer = await create(undefined)
    reply.code(answer.status).headers(answer.headers ?? {})
    return answer.body
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw invalid('Idempotency-Key', 'must be 1 to 200 visible ASCII characters')
  }
  const keyed = {
    userId: request.actor.id,
    route: `${request.method} ${request.routeOptions.url}`,
    key,
    requestHash: createHash('sha256')
      .update(JSON.stringify([request.params, asked]))
      .digest('base64url'),
  }
  const answer = await createOnce(deps, keyed, new Date(), async (tx): Promise<StoredAnswer> => {
    const { status, headers = {}, body } = await create(tx)
    return { status, headers, body }
  })
  reply.code(answer.status).headers(answer.headers)
  if (answer.replayed) reply.header('Idempotency-Replayed', 'true')
  return answer.body as B
}
