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
          .replace(/([?&](?:token|next)=)[^&]*/g, '$1[secret]'),
        ip: request.ip,
      }),
      err: serializeError,
    },
  }
}

/** Type, message, code and stack of an error; never the values of a query that failed. */
function serializeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) }
  const cause = error.cause instanceof Error ? error.cause : undefined
  const code = 'code' in error ? error.code : cause !== undefined && 'code' in cause ? cause.code : undefined
  // Drizzle's message holds the query's parameters, which are people's words and hashes.
  const isQuery = error.message.startsWith('Failed query')
  const message = isQuery ? `Failed query: ${cause?.message ?? 'unknown reason'}` : error.message
  const stack = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')
  return { type: error.name, message, code, stack }
}
