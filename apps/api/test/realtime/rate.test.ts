import { connectClient, createTestDesk, startNode } from '@servicedesk/testing'
import fc from 'fast-check'
import t from 'tap'
import { BURST, createAllowance, MOST_TICKETS } from '../../src/realtime/rate.ts'

t.test('so many at once and twenty a second are served, whatever the pauses', async () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 400 })
  fc.assert(
    fc.property(pauses, (gaps) => {
      let now = 0
      const allowance = createAllowance(() => now)
      const served: number[] = []
      for (const gap of gaps) {
        now += gap
        if (allowance.take() === 'ok') served.push(now)
      }
      // Never more than the burst and what time gave back, in any span that begins with a served request.
      return served.every((from, i) =>
        served.every((to, j) => j < i || j - i + 1 <= BURST + ((to - from) / 1_000) * 20 + 1e-6),
      )
    }),
  )
})

t.test('who keeps to the rate is never refused', async (t) => {
  let now = 0
  const allowance = createAllowance(() => now)
  const verdicts = new Set(
    Array.from({ length: 2_000 }, () => {
      now += 50
      return allowance.take()
    }),
  )
  t.same([...verdicts], ['ok'])
})

t.test('who goes on for far too long is cut off, and who pauses is forgiven', async (t) => {
  let now = 0
  const allowance = createAllowance(() => now)
  const take = (many: number) => Array.from({ length: many }, () => allowance.take())
  t.same(new Set(take(BURST)), new Set(['ok']))
  t.same(new Set(take(400)), new Set(['refused']))
  now += 60_000
  t.same(new Set(take(BURST)), new Set(['ok']))
  t.same(new Set(take(500)), new Set(['refused']))
  t.same(take(1), ['cut'])
})

t.test('all the tickets that may be joined can be joined at once', async (t) => {
  const desk = await createTestDesk(t)
  const node = await startNode(t, desk)
  const { id, sessionId } = await desk.person('Technical User')
  const client = await connectClient(t, node.url, node.app.signAccessToken({ userId: id, sessionId }))
  const requester = await desk.person('Normal User')
  const report = { title: 'Screen is black', description: 'It was fine yesterday.' }
  const tickets = await Promise.all(
    Array.from({ length: MOST_TICKETS + 1 }, () => desk.core.tickets.create(requester, report)),
  )
  const answers = await Promise.all(
    tickets.map((ticket) => client.ask('join_ticket', { ticket_id: ticket.id, after_seq: 0 })),
  )
  t.same(
    answers.slice(0, MOST_TICKETS).filter((answer) => !answer.ok),
    [],
  )
  t.match(answers.at(-1), { ok: false, error: { code: 'too_many_tickets' } })
})
