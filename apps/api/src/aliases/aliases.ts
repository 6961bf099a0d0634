import type { FastifyInstance, RouteOptions } from 'fastify'

/** Other addresses of routes, below the API's prefix: what clients call it, and where it is. */
const ALIASES: Readonly<Record<string, string>> = {
  '/agents/performance': '/analytics/agent-performance',
  '/analytics/agent-performance-detailed': '/analytics/agent-performance',
  '/tickets/analytics/sla-adherence': '/analytics/sla-adherence',
  '/status/workflow': '/tickets/status/workflow',
  '/status/allowed-transitions/:status': '/tickets/status/allowed-transitions/:status',
}

/**
 * Remembers the routes that have an alias. Call before they are registered; what it answers adds the aliases, each
 * the same route, marked as deprecated in the OpenAPI document. Call that after all of them are.
 * @throws Error for an alias of no route
 */
export function collectAliases(app: FastifyInstance, prefix: string): () => void {
  const routes: RouteOptions[] = []
  const targets = new Set(Object.values(ALIASES).map((path) => `${prefix}${path}`))
  app.addHook('onRoute', (route) => {
    // HEAD comes by itself with each GET.
    if (targets.has(route.url) && route.method !== 'HEAD') routes.push({ ...route })
  })
  return () => {
    for (const [alias, target] of Object.entries(ALIASES)) {
      const found = routes.filter((route) => route.url === `${prefix}${target}`)
      if (found.length === 0) throw new Error(`${alias} is an alias of ${target}, which is no route`)
      const nth = Object.keys(ALIASES)
        .filter((each) => ALIASES[each] === target)
        .indexOf(alias)
      for (const route of found) app.route(asAlias(route, `${prefix}${alias}`, nth))
    }
  }
}

/** @param nth of the route's aliases it is, from 0 */
function asAlias(route: RouteOptions, url: string, nth: number): RouteOptions {
  const operationId = `${route.schema?.operationId}Alias${nth === 0 ? '' : nth + 1}`
  return { ...route, url, schema: { ...route.schema, operationId, deprecated: true } }
}
