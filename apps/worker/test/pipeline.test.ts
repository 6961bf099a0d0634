import { emailDeliveries, tickets } from '@servicedesk/db'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { SMTPServer } from 'smtp-server'
import t from 'tap'

/** A mail server that keeps what it is sent. */
async function startMailServer(): Promise<{ url: string; mails: string[]; close(): Promise<void> }> {
  const mails: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'))
        callback()
      })
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  const { port } = listening.address() as { port: number }
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

t.test('a ticket travels from the API to an agent and their mailbox', async (t) => {
  const mail = await startMailServer()
  t.teardown(() => mail.close())
  const desk = await createTestDesk(t, { dispatch: true })
  const agent = await desk.person('Technical User', { name: 'Ada Byrne', email: 'ada@test.example' })
  const requester = await desk.person('Normal User')
  await startTestWorker(t, desk, mail.url)

  const response = await desk.app.inject({
    method: 'POST',
    url: '/api/v1/tickets',
    headers: desk.as(requester),
    payload: { title: 'Screen is black', description: 'It was fine yesterday evening.' },
  })
  t.equal(response.statusCode, 201)
  t.match(response.json(), { status: 'New', assigned_to: null })
  await until('nothing is owed', async () => (await desk.owed()).length === 0)

  const [ticket] = await desk.db.select().from(tickets)
  t.equal(ticket?.assignedTo, agent.id)
  t.equal(ticket?.statusClass, 'open')
  const deliveries = await desk.db.select().from(emailDeliveries)
  t.match(deliveries, [{ template: 'assignment', status: 'sent', toEmail: 'ada@test.example' }])
  t.equal(mail.mails.length, 1)
  t.match(mail.mails[0], /^To: ada@test\.example/m)
  t.match(mail.mails[0], /TKT-1001/)
})
