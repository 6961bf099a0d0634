import { Type } from 'typebox'
import { answers, IdInput, Nullable, strict, TicketIdInput, Timestamp } from '../shared/schemas.ts'

const file = {
  id: Type.String(),
  filename: Type.String(),
  file_size_mb: Type.Number(),
  mime_type: Type.String(),
  category: Type.String(),
  uploaded_at: Timestamp,
  download_url: Type.String(),
  thumbnail_url: Type.Optional(Type.String()),
  status: Type.String(),
}

export const File = Type.Object(file)
/** One file, or several under `files`. */
export const Uploaded = Type.Object({
  ...Object.fromEntries(Object.entries(file).map(([name, schema]) => [name, Type.Optional(schema)])),
  files: Type.Optional(Type.Array(File)),
})
/** A file's content, for the document: it is streamed as its own type. */
export const Content = {
  description: 'The bytes',
  content: { 'application/octet-stream': { schema: Type.String({ format: 'binary' }) } },
}
/** How content is answered, straight or by a redirect. */
export const contentAnswers = {
  ...answers({ 200: Content, 206: Content }),
  302: Type.Null({ description: 'The content is at Location, for a minute' }),
  304: Type.Null({ description: 'Not modified' }),
}
export const TicketFiles = Type.Array(
  Type.Object({
    ...file,
    uploaded_by: Type.Object({ id: Type.Integer(), name: Type.String() }),
    preview_url: Type.String(),
  }),
)
export const UploadFields = Type.Object(
  {
    ticket_id: TicketIdInput,
    message_id: Type.Optional(IdInput),
    uploaded_by: Type.Optional(Type.Any()),
    user_id: Type.Optional(Type.Any()),
  },
  strict,
)
export const UploadForm = Type.Object({
  file: Type.String({ format: 'binary', description: 'Any field with a file will do; up to 10' }),
  ticket_id: Type.String(),
  message_id: Type.Optional(Type.String()),
})
export const ImageUploaded = Type.Object({
  success: Type.Boolean(),
  id: Type.String(),
  url: Type.String(),
  public_id: Type.String(),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  file_url: Type.String(),
  format: Type.String(),
  bytes: Type.Integer(),
})
export const ThumbnailQuery = Type.Object(
  { size: Type.Union([Type.Literal(150), Type.Literal(300), Type.Literal(600)], { default: 150 }) },
  strict,
)
export const LinkParams = Type.Object(
  {
    id: Type.String({ maxLength: 64 }),
    token: Type.String({ maxLength: 200 }),
    name: Type.String({ maxLength: 1_000 }),
  },
  strict,
)
