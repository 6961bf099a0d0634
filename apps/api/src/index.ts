export { buildApp } from './app.ts'
export { type ApiConfig, readConfig } from './config.ts'
export { createLinkMaker } from './files/link-maker.ts'
export type { RouteDeps } from './shared/route-deps.ts'
