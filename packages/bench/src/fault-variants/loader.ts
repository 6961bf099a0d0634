import type { InitializeHook, ResolveHook } from 'node:module'

/** Which module of packages/jobs each variant replaces, and by which file beside this one. */
const SWAPS: Record<string, Record<string, string>> = {
  'no-outbox': { relay: 'no-relay', reconcile: 'schedules-only' },
  'relay-by-id': { relay: 'relay-by-id' },
  'stalled-once': { 'worker-settings': 'stalled-once', reconcile: 'schedules-only' },
  'no-guard': { once: 'unguarded-once' },
}

let swaps: Record<string, string> = {}

export const initialize: InitializeHook<string> = (variant) => {
  const chosen = SWAPS[variant]
  if (chosen === undefined) throw new Error(`no variant "${variant}"`)
  swaps = chosen
}

/** The ways of modules, with a variant's in place of the product's. What a variant itself asks for is the product's. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context)
  const name = /\/packages\/jobs\/dist\/([\w-]+)\.js$/.exec(resolved.url)?.[1]
  const swap = name === undefined ? undefined : swaps[name]
  return swap === undefined ? resolved : { ...resolved, url: new URL(`./${swap}.js`, import.meta.url).href }
}
