import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { A_TICKET, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User', { name: 'Nora Quist' })
const agent = await desk.person('Technical User')
const [asRequester, asAgent] = [sender(desk, requester), sender(desk, agent)]
/** Creates by a form with these fields and files. */
const postForm = async (fields: Record<string, string>, files: Parameters<typeof form>[1] = []) => {
  const { payload, headers } = await form(fields, files)
  return asRequester('POST', '/tickets', payload, headers)
}

t.test('by JSON, with nothing but title and description', async (t) => {
  const answer = await asRequester('POST', '/tickets', A_TICKET)
  t.equal(answer.statusCode, 201)
  const ticket = answer.json()
  t.match(ticket, {
    ...A_TICKET,
    ticket_id: `TKT-${ticket.id}`,
    status: 'New',
    priority: 'Medium',
    category: 'Other',
    created_by: requester.id,
    created_by_name: 'Nora Quist',
    assigned_to: null,
    escalation_level: 0,
    sla_violated: false,
    sla: { first_response: { state: 'running' }, resolution: { state: 'running', target_minutes: 24 * 60 } },
    created_at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
    version: 1,
  })
  t.ok(ticket.id >= 1001)
  t.equal(answer.headers.location, `/api/v1/tickets/${ticket.id}`)
  t.equal(answer.headers.etag, '"1"')
  const read = (await asRequester('GET', `/tickets/${ticket.id}`)).json()
  const still = ({ sla: _, ...rest }: { sla?: unknown }) => rest
  t.same(still(read), still(ticket), 'what was answered is what is there')
  const owed = (await desk.owed()).filter((row) => JSON.stringify(row.payload).includes(`${ticket.id}`))
  t.match(owed, [{ name: 'ticket.assign' }])
})

t.test('names in any case and as slugs; answers use the full name', async (t) => {
  for (const [priority, category] of [
    ['critical', 'HARDWARE'],
    ['Critical', 'hardware'],
    ['CRITICAL', 'Hardware'],
  ]) {
    const answer = await asRequester('POST', '/tickets', { ...A_TICKET, priority, category })
    t.match(answer.json(), { priority: 'Critical', category: 'Hardware' })
  }
})

t.test('on behalf of another: staff only, one’s own id always', async (t) => {
  const own = await asRequester('POST', '/tickets', { ...A_TICKET, created_by: String(requester.id) })
  t.match(own.json(), { created_by: requester.id })
  const forThem = await asAgent('POST', '/tickets', { ...A_TICKET, created_by: requester.id })
  t.match(forThem.json(), { created_by: requester.id, created_by_name: 'Nora Quist' })
  const [event] = (await asAgent('GET', `/tickets/${forThem.json().id}/events`)).json()
  t.match(event, { type: 'ticket_created', actor_id: agent.id }, 'the log says who wrote it')
  const before = await contentOf(desk)
  isProblem(t, await asRequester('POST', '/tickets', { ...A_TICKET, created_by: agent.id }), 403, 'forbidden')
  isProblem(
    t,
    await asAgent('POST', '/tickets', { ...A_TICKET, created_by: 999_999 }),
    400,
    'validation_failed',
  )
  t.same(await contentOf(desk), before)
})

const LONG = { title: 200, description: 20_000 }
const COMBINED = 'e\u0301'
/** Field values that are refused whichever way they come, and the member that is at fault. */
const WRONG: [what: string, member: string, fields: Record<string, string>][] = [
  ['a title of 2 characters', 'title', { title: 'ab' }],
  ['a title of 2 characters that look like more', 'title', { title: '👍👍' }],
  ['a title of 201 characters', 'title', { title: 'x'.repeat(LONG.title + 1) }],
  ['a title of 201 emoji', 'title', { title: '👍'.repeat(LONG.title + 1) }],
  ['a title of 202 characters that look like 101', 'title', { title: COMBINED.repeat(101) }],
  ['a title of spaces', 'title', { title: ' \u00a0\n\t' }],
  ['a description of 9 characters', 'description', { description: 'too short' }],
  ['a description of 20,001', 'description', { description: 'x'.repeat(LONG.description + 1) }],
  ['an unknown priority', 'priority', { priority: 'Urgent' }],
  ['an empty priority', 'priority', { priority: '' }],
  ['an unknown category', 'category', { category: 'Plumbing' }],
  ['what every object has', 'priority', { priority: 'constructor' }],
  ['no id', 'created_by', { created_by: 'me' }],
  ['a negative id', 'created_by', { created_by: '-1' }],
  ['a member that cannot be set', 'status', { status: 'Closed' }],
  ['a member nobody knows', 'no_such', { no_such: 'x' }],
]

t.test('bad fields are refused by JSON and by form alike, and change nothing', async (t) => {
  const before = await contentOf(desk)
  for (const [what, member, fields] of WRONG) {
    const answers = [
      await asRequester('POST', '/tickets', { ...A_TICKET, ...fields }),
      await postForm({ ...A_TICKET, ...fields }, [{ name: 'note.txt', content: 'A note' }]),
    ]
    for (const [n, answer] of answers.entries()) {
      const { errors } = isProblem(
        t,
        answer,
        400,
        'validation_failed',
        `${what}, by ${n === 0 ? 'JSON' : 'form'}`,
      )
      t.match(errors, [{ path: member }], `${what} names ${member}`)
    }
  }
  for (const member of ['title', 'description']) {
    const rest = Object.fromEntries(Object.entries(A_TICKET).filter(([name]) => name !== member))
    t.match(isProblem(t, await asRequester('POST', '/tickets', rest), 400).errors, [{ path: member }])
    t.match(isProblem(t, await postForm(rest), 400).errors, [{ path: member }])
  }
  t.same(await contentOf(desk), before)
  t.same(storedFiles(desk), [])
})

t.test('the longest and shortest that are allowed, counted in characters', async (t) => {
  for (const fields of [
    { title: 'abc', description: '0123456789' },
    { title: '👍👍👍', description: '👍'.repeat(10) },
    { title: '👍'.repeat(LONG.title), description: 'ü'.repeat(LONG.description) },
    { title: COMBINED.repeat(100), description: COMBINED.repeat(5) },
  ]) {
    for (const answer of [await asRequester('POST', '/tickets', fields), await postForm(fields)]) {
      t.equal(answer.statusCode, 201, answer.body.slice(0, 200))
      t.match(answer.json(), fields, 'unchanged')
    }
  }
})
