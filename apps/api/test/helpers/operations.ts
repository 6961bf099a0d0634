import type {} from '@fastify/swagger'
import type { TestDesk } from '@servicedesk/testing'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Schema {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  anyOf?: Schema[]
  items?: Schema
  enum?: unknown[]
  $ref?: string
  [keyword: string]: unknown
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
}

export interface Operation {
  id: string
  method: Method
  path: string
  isPublic: boolean
  pathParameters: Parameter[]
  queryParameters: Parameter[]
  json: Schema | undefined
  form: Schema | undefined
}

interface Described {
  operationId: string
  security?: unknown[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

/** Every operation of the OpenAPI document, so that no route can be forgotten. */
export function operationsOf(desk: TestDesk): Operation[] {
  const paths = desk.app.swagger().paths as Record<string, Record<string, Described>>
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      method: method.toUpperCase() as Method,
      path,
      isPublic: described.security?.length === 0,
      pathParameters: (described.parameters ?? []).filter((each) => each.in === 'path'),
      queryParameters: (described.parameters ?? []).filter((each) => each.in === 'query'),
      json: described.requestBody?.content['application/json']?.schema,
      form: described.requestBody?.content['multipart/form-data']?.schema,
    })),
  )
}

/** The shapes of objects that a body may have. */
export function objectsOf(schema: Schema | undefined): Schema[] {
  if (schema === undefined) return []
  return [schema, ...(schema.anyOf ?? [])].filter((each) => each.properties !== undefined)
}

/** Well-formed ids of what does not exist. */
export const UNKNOWN: Record<string, string> = {
  integer: '999999999',
  ticket: 'TKT-999999999',
  file: '00000000-0000-4000-8000-000000000000',
  date: '2000-01-01',
}

/** An operation's path with every parameter filled in. */
export function pathOf(operation: Operation, fill: (parameter: Parameter) => string = unknownId): string {
  return operation.pathParameters.reduce(
    (path, parameter) => path.replace(`{${parameter.name}}`, fill(parameter)),
    operation.path,
  )
}

export function unknownId(parameter: Parameter): string {
  const pattern = String(parameter.schema.pattern ?? '')
  if (parameter.schema.type === 'integer') return UNKNOWN.integer ?? ''
  if (pattern.includes('{4}-\\d')) return UNKNOWN.date ?? ''
  if (pattern.includes('Tt')) return UNKNOWN.ticket ?? ''
  if (pattern.includes('me|')) return UNKNOWN.integer ?? ''
  if (pattern.includes('a-f')) return UNKNOWN.file ?? ''
  return 'unknown'
}
