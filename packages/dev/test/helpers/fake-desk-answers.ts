import type { IncomingMessage } from 'node:http'
import type { FakeDesk, FakeTicket, Fault } from './fake-desk.ts'

type Answer = Exclude<Fault, string>

const FIRST_ID = 1001
const PER_PAGE = 100

/** What a fake desk says to a request. */
export async function answerTo(
  desk: FakeDesk,
  request: IncomingMessage,
  body: Buffer,
): Promise<Answer | 'reset'> {
  const { pathname, searchParams } = new URL((request.url ?? '').replace(/^\/api\/v1/, ''), 'http://fake')
  const route = `${request.method} ${pathname}`
  const override = desk.overrides.get(route)
  if (override !== undefined) return override
  if (route === 'POST /auth/login') {
    const { email } = JSON.parse(body.toString())
    return ok({ access_token: `token-of-${email}`, user: { id: email.startsWith('admin') ? 1 : 2 } })
  }
  if (request.headers.authorization === undefined) return { status: 401 }
  const more = desk.extension(route, searchParams, body)
  if (more !== undefined) return more
  if (route === 'POST /tickets') return create(desk, request, body)
  if (route === 'GET /tickets') return list(desk, searchParams)
  if (route === 'GET /admin/pipeline') return ok(desk.figures())
  if (route === 'GET /users') return ok({ users: [{ id: 10, active_tickets: 5, max_tickets: 10 }] })
  return aboutOne(desk, pathname)
}

const ok = (body: object): Answer => ({ status: 200, body })

async function create(desk: FakeDesk, request: IncomingMessage, body: Buffer): Promise<Answer | 'reset'> {
  const key = String(request.headers['idempotency-key'])
  desk.attempts.push(key)
  const { photo, ...fields } = await fieldsOf(request, body)
  const title = String(fields.title)
  const description = String(fields.description)
  const fault = desk.fault({ title }, desk.attempts.filter((each) => each === key).length)
  if (fault === 'reset') return 'reset'
  if (typeof fault === 'object') return fault
  if (description.length < 10) return { status: 400, body: { detail: 'description: is too short' } }
  const known = desk.tickets.find((each) => each.key === key)
  const made: FakeTicket = known ?? {
    id: FIRST_ID + desk.tickets.length,
    key,
    title,
    description,
    created_at: '2026-01-01T00:00:00.000Z',
    fields,
    photo: photo as string | undefined,
  }
  if (known === undefined) {
    desk.tickets.push(made)
    desk.onCreated(made)
  }
  if (fault === 'lose') return 'reset'
  const replayed = known === undefined ? {} : { 'idempotency-replayed': 'true' }
  return { status: 201, headers: replayed, body: { id: made.id, created_at: made.created_at } }
}

async function fieldsOf(request: IncomingMessage, body: Buffer): Promise<Record<string, unknown>> {
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/json')) return JSON.parse(body.toString())
  const response = new Response(new Uint8Array(body), { headers: { 'content-type': type } })
  const { files, ...fields } = Object.fromEntries(await response.formData())
  return { ...fields, ...(files instanceof File ? { photo: files.name } : {}) }
}

/** Newest first, a hundred a page unless asked for fewer. */
function list(desk: FakeDesk, query: URLSearchParams): Answer {
  const size = Math.min(Number(query.get('per_page') ?? 10), PER_PAGE)
  const from = Number(query.get('cursor') ?? 0)
  const next = from + size < desk.tickets.length ? String(from + size) : null
  return ok({
    tickets: desk.tickets.toReversed().slice(from, from + size),
    pagination: { next_cursor: next },
  })
}

function aboutOne(desk: FakeDesk, path: string): Answer {
  const [, id, what] = /^\/tickets\/(\d+)(\/assignment)?$/.exec(path) ?? []
  const ticket = desk.tickets.find((each) => each.id === Number(id))
  if (ticket !== undefined) {
    const assignment = desk.assignment(ticket)
    if (assignment === undefined) return { status: 404 }
    return what === undefined
      ? ok({ sla: { first_response: { state: 'running' }, resolution: { state: 'running' } } })
      : ok(assignment)
  }
  if (path.startsWith('/files/ticket/')) return { status: 200, body: [{ id: 'a-file' }] }
  if (path.endsWith('/thumbnail')) return { status: desk.thumbnailStatus, body: {} }
  return { status: 404 }
}
