import { safeError } from '@servicedesk/jobs'
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
