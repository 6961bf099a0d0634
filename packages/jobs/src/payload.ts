import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { catalogue, isJobName, type JobName, type JobPayload } from './catalogue.ts'

/** A payload or a name that can never work, however often it is tried. */
export class InvalidJob extends Error {
  override name = 'InvalidJob'
}

/**
 * Checks a payload against the catalogue and returns it typed.
 * @throws InvalidJob naming the job and the first member that is wrong
 */
export function parsePayload<K extends JobName>(name: K, payload: unknown): JobPayload<K> {
  const schema: TSchema = catalogue[name].payload
  if (Value.Check(schema, payload)) return payload as JobPayload<K>
  const [error] = Value.Errors(schema, payload)
  const where = error?.instancePath || 'payload'
  throw new InvalidJob(`${name}: ${where} ${error?.message ?? 'is invalid'}`)
}

/**
 * Checks a name that came from outside this process.
 * @throws InvalidJob for a job that this release does not know (an older worker meeting a newer job)
 */
export function parseJobName(name: string): JobName {
  if (!isJobName(name)) throw new InvalidJob(`unknown job "${name}"`)
  return name
}
