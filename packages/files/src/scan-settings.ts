/** Where clamd listens. */
export interface ScannerSettings {
  host: string
  port: number
}

/** Where clamd listens unless it is told otherwise. */
const CLAMD_PORT = 3310

/**
 * Reads where files are scanned: `CLAMD_URL`, like `tcp://127.0.0.1:3310`. Undefined when they are not.
 * @param problems gets a sentence when it is wrong
 */
export function readScanner(env: NodeJS.ProcessEnv, problems: string[]): ScannerSettings | undefined {
  const text = env.CLAMD_URL
  if (!text) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isBare = url !== undefined && /^\/?$/.test(url.pathname) && !url.search && !url.hash && !url.username
  if (url?.protocol === 'tcp:' && url.hostname && url.port !== '0' && isBare) {
    // Brackets belong to addresses, not to hosts.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    return { host, port: url.port === '' ? CLAMD_PORT : Number(url.port) }
  }
  problems.push(`CLAMD_URL must be tcp://host:port, not "${text}"`)
  return undefined
}
