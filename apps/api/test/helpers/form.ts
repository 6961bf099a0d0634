export interface FilePart {
  field?: string
  name: string
  type?: string
  content: string | Buffer
}

/** A multipart form: fields first, then files, in order. */
export async function form(fields: Record<string, string>, files: readonly FilePart[] = []) {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  for (const { field = 'file', name, type = 'application/octet-stream', content } of files) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    data.append(field, new File([new Uint8Array(bytes)], name, { type }), name)
  }
  const encoded = new Response(data)
  return {
    payload: Buffer.from(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
  }
}
