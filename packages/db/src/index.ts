export { type Changes, noteChanges, type Publish, takeChanges } from './changes.ts'
export { closeDatabase, createDatabase, type DatabaseOptions, withSession } from './client.ts'
export { type CopyOut, CopyTooLong, copyOut } from './copy-out.ts'
export type { Database, Executor, Tx } from './executor.ts'
export { migrate } from './migrate.ts'
export * from './schema/index.ts'
export * as schema from './schema/index.ts'
export {
  defineStatement,
  preparedRead,
  type Row,
  runPrepared,
  type Statement,
  toDate,
  toIso,
} from './statement.ts'
