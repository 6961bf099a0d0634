export { readConfig, type WorkerConfig } from './config.ts'
export { handlers } from './handlers/index.ts'
export { startServiceDeskWorker } from './worker.ts'
