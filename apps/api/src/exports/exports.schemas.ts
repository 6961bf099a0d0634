import { type TSchema, Type } from 'typebox'
import { contentAnswers } from '../files/files.schemas.ts'
import { answers, Nullable, NullableTimestamp, Pagination, strict, Timestamp } from '../shared/schemas.ts'
import { ticketFilters } from '../tickets/tickets.schemas.ts'

export const ExportQuery = Type.Object(ticketFilters, strict)
/** The file itself, for the document. */
const Csv = { description: 'The file', content: { 'text/csv': { schema: Type.String() } } }
export const csvAnswers = answers({ 200: Csv })
export const downloadAnswers = { ...contentAnswers, 200: Csv, 206: Csv }

const { created_after, created_before, q, ...lists } = ticketFilters
const Name = Type.Union([Type.String(), Type.Integer()])
/** In JSON a filter of one value may be just that. */
const OneOrMore = Type.Optional(Type.Union([...Name.anyOf, Type.Array(Name)]))

export const NewExport = Type.Object(
  {
    format: Type.Optional(Type.Literal('csv')),
    filters: Type.Optional(
      Type.Object(
        {
          ...(Object.fromEntries(Object.keys(lists).map((name) => [name, OneOrMore])) as Record<
            keyof typeof lists,
            typeof OneOrMore
          >),
          created_after,
          created_before,
          q,
        },
        strict,
      ),
    ),
  },
  strict,
)

const described = <T extends TSchema>(schema: T, description: string) => ({ ...schema, description })
export const Export = Type.Object({
  id: Type.String({ format: 'uuid' }),
  format: Type.String(),
  status: Type.String({ description: 'queued, running, ready or failed' }),
  progress: Type.Integer({ description: '0 to 100' }),
  rows: described(Nullable(Type.Integer()), 'So far, and in the end all'),
  bytes: Nullable(Type.Integer()),
  reason: described(Nullable(Type.String()), 'Why it failed'),
  filters: Type.Record(Type.String(), Type.Any()),
  created_at: Timestamp,
  finished_at: NullableTimestamp,
  expires_at: NullableTimestamp,
  download_url: Nullable(Type.String()),
})
export const ExportList = Type.Object({ exports: Type.Array(Export), pagination: Pagination })
