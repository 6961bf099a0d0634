import { safeError } from '@servicedesk/jobs'
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { LoggerOptions } from 'pino'

/** Structured logs with request ids; passwords, tokens and bodies are never in them. */
export function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    redact: {
      paths: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token'],
      censor: '[secret]',
    },
    serializers: {
      req: (request: { method: string; url: string; ip?: string }) => ({
        method: request.method,
        // Signed links and tokens can stand in an address.
        url: request.url
          .replace(/\/link\/[^/?]+/, '/link/[secret]')
          .replace(/([?&][^=&]*(?:token|password|secret|next)[^=&]*=)[^&]*/gi, '$1[secret]'),
        ip: request.ip,
      }),
      err: safeError,
    },
  }
}

/** One line a request, when it is over: one of its arrival as well would say nothing more, and cost as much again. */
export class OneLine extends LogController {
  override incomingRequest(): void {
    // Said with the answer.
  }

  override requestCompleted(
    err: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const line = { req: request, res: reply, responseTime: reply.elapsedTime }
    if (err) reply.log.error({ ...line, err }, 'request errored')
    else reply.log.info(line, 'request completed')
  }
}
