import { connectClient, createTestDesk, startNode } from '@servicedesk/testing'
import t from 'tap'

const desk = await createTestDesk(t)
const node = await startNode(t, desk)
const { id, sessionId } = await desk.person('Technical User')
const client = await connectClient(t, node.url, node.app.signAccessToken({ userId: id, sessionId }))

const NO_TICKET = 'ticket_id: must be a ticket id such as 1001 or TKT-1001'

t.test('a refusal names the member that is wrong or missing, and says what is true of it', async (t) => {
  const send = 'send_message'
  for (const [event, payload, message] of [
    ['join_ticket', undefined, 'ticket_id: is required'],
    ['join_ticket', null, 'ticket_id: is required'],
    [send, { message: 'hello' }, 'ticket_id: is required'],
    [send, { ticket_id: 1001 }, 'message: is required'],
    ['ticket_update', { ticket_id: 1001 }, 'updates: is required'],
    ['join_ticket', { ticket_id: 'TKT' }, NO_TICKET],
    ['leave_ticket', { ticket_id: 0 }, NO_TICKET],
    ['typing_start', { ticket_id: null }, NO_TICKET],
    [
      send,
      { ticket_id: 1001, message: 'hello', reply_to: 'x' },
      'reply_to: must be the id of a message, such as 17, or null',
    ],
    ['join_ticket', { ticket_id: 1001, as: 1 }, 'as: is not a known member'],
    ['join_ticket', [], 'payload: must be object'],
  ] as const) {
    const answer = await client.ask(event, payload)
    t.same(answer, { ok: false, error: { code: 'validation_failed', message } }, JSON.stringify(payload))
  }
})
