import { connectClient, createTestDesk, startNode, until } from '@servicedesk/testing'
import t from 'tap'
import { testTold } from './told-on-node.ts'

const desk = await createTestDesk(t)
const node = await startNode(t, desk)
await testTold(t, desk, 'another node', node)

t.test('nothing that people wrote goes through Redis', async (t) => {
  const agent = await desk.person('Technical User')
  const token = node.app.signAccessToken({ userId: agent.id, sessionId: agent.sessionId })
  const client = await connectClient(t, node.url, token)
  const report = { title: 'Screen is black', description: 'It was fine yesterday.' }
  const { id } = await node.core.tickets.create(agent, report)
  await client.ask('join_ticket', { ticket_id: id })
  await client.ask('send_message', { ticket_id: id, message: 'the word is swordfish', is_internal: true })
  await client.next('new_message')
  client.socket.io.engine.close()
  await client.next('disconnect')
  const kept = async () => desk.redis.keys(`${desk.config.redisPrefix}:lost-connection:*`)
  await until('the lost connection is kept', async () => (await kept()).length > 0)
  for (const key of await desk.redis.keys(`${desk.config.redisPrefix}*`)) {
    const kind = await desk.redis.type(key)
    const content =
      kind === 'stream'
        ? await desk.redis.xrange(key, '-', '+')
        : kind === 'string'
          ? await desk.redis.get(key)
          : key
    t.notMatch(JSON.stringify(content), /swordfish/, key)
  }
})
