import { connectClient, createTestDesk, startNode } from '@servicedesk/testing'
import t from 'tap'

const desk = await createTestDesk(t)
const [one, two] = [await startNode(t, desk), await startNode(t, desk)]
const requester = await desk.person('Normal User')
const agent = await desk.person('Technical User')
const tokenOf = (actor: typeof agent) =>
  one.app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })
const newTicket = async () =>
  (
    await one.core.tickets.create(requester, {
      title: 'Screen is black',
      description: 'It was fine yesterday.',
    })
  ).id

t.test('what is said on one node is heard on the other, each in their own numbering', async (t) => {
  const id = await newTicket()
  const mine = await connectClient(t, one.url, tokenOf(requester))
  const theirs = await connectClient(t, two.url, tokenOf(agent))
  t.strictSame(await mine.ask('join_ticket', { ticket_id: id }), { ok: true })
  t.strictSame(await theirs.ask('join_ticket', { ticket_id: `TKT-${id}` }), { ok: true })
  t.match(await theirs.next('joined_ticket'), { ticket_id: `TKT-${id}`, seq: 1 })
  await theirs.ask('send_message', { ticket_id: id, message: 'a note', is_internal: true })
  await theirs.ask('send_message', { ticket_id: id, message: 'hello' })
  t.match(await theirs.next('new_message'), { message: 'a note', is_internal: true, seq: 2 })
  t.match(await theirs.next('new_message'), { message: 'hello', seq: 3 })
  t.match(await mine.next('new_message'), { message: 'hello', seq: 2, sender_id: agent.id })
})
