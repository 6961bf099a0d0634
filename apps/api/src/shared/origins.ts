import type { ApiConfig } from '../config.ts'

const LOCALHOST = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/

/** Whether pages of an origin may call the API: those configured, and in embedded mode those on any localhost port. */
export function isKnownOrigin(
  config: Pick<ApiConfig, 'corsOrigins' | 'isEmbedded'>,
  origin: string | undefined,
): boolean {
  if (origin === undefined) return false
  return config.corsOrigins.includes(origin) || (config.isEmbedded && LOCALHOST.test(origin))
}
