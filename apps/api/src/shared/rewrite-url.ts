/** Pages and probes that have an alias under /api. */
const AT_THE_ROOT = /^\/api\/(docs|health|redoc)(?=[/?]|$)/

/**
 * One route table: `/api/x` is `/api/v1/x`, `/api/docs` is `/docs`. Nothing redirects.
 */
export function rewriteUrl({ url = '/' }: { url?: string | undefined }): string {
  const root = AT_THE_ROOT.exec(url)
  if (root !== null) return url.slice('/api'.length)
  if (!url.startsWith('/api/') || /^\/api\/(?:v1(?:[/?]|$)|openapi\.json)/.test(url)) return url
  return `/api/v1${url.slice('/api'.length)}`
}
