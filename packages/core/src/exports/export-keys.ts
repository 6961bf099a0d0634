import { randomUUID } from 'node:crypto'

/** A place in the store for one try at an export: two that run at once do not write over each other. */
export function newExportKey(): string {
  const id = randomUUID()
  return `${id.slice(-2)}/${id}/export`
}
