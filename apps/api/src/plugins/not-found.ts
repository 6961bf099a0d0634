import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { sendProblem } from './errors.ts'

/** 404 for paths that are no route, 405 with `Allow` for those that are one under another method. */
export const notFoundPlugin = fp(async (app: FastifyInstance) => {
  const routes: { pattern: RegExp; methods: string[] }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    // OPTIONS stands at every address, for CORS, and makes none of them a route.
    const methods = [method].flat().filter((each) => each !== 'HEAD' && each !== 'OPTIONS')
    if (methods.length === 0) return
    const source = url
      .replace(/\/+$/, '')
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')
    routes.push({ pattern: new RegExp(`^${source}/?$`), methods })
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const allowed = new Set(
      routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods),
    )
    if (allowed.size === 0) {
      return sendProblem(request, reply, {
        status: 404,
        code: 'not_found',
        detail: 'There is nothing at this address',
      })
    }
    return sendProblem(request, reply, {
      status: 405,
      code: 'method_not_allowed',
      detail: `${request.method} is not allowed here`,
      headers: { Allow: [...allowed].join(', ') },
    })
  })
})
