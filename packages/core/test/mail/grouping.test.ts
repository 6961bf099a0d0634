import { EarlierMailFailed, EarlierMailUnderWay, MailRejected, notify } from '@servicedesk/core'
import { emailDeliveries, messages, notificationPreferences, outbox, ticketWatchers } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { createMailRun, toldIn } from '../helpers/mail-run.ts'

const WINDOW = { groupSeconds: 60 }
const desk = await createCoreDesk(t, 10, WINDOW)
const run = createMailRun(desk)
const requester = await desk.person('Normal User', { name: 'Ann Lee' })
const watcher = await desk.person('Normal User', { name: 'Wei Wu' })
const agent = await desk.person('System Admin', { name: 'Ada Obi' })
await desk.db
  .insert(notificationPreferences)
  .values({ userId: watcher.id, alertType: 'new_message', inApp: false, email: true })

let ticket = 0
let seq = 0
t.beforeEach(async () => {
  await desk.db.delete(emailDeliveries)
  await desk.db.delete(outbox)
  run.arrived.length = 0
  run.judge = async () => undefined
  ticket = await desk.ticket(requester)
  seq = 1
})
const say = (body: string) => desk.core.messages.post(agent, { ticketId: ticket, body })
const excerpts = () =>
  run.arrived.map(({ params }) =>
    (params.items as { params: { excerpt: string } }[]).map((item) => item.params.excerpt),
  )
/** Tells the requester something of the next event, in a transaction of its own. */
async function tell(template: string, wanted: { said?: number } = {}) {
  seq += 1
  const said = wanted.said ?? seq
  const mail = { template, params: { said } }
  const about = { userId: requester.id, ticketId: ticket, title: 't', message: 'm', at: desk.clock.now() }
  const told = { ...about, type: 'new_message', eventSeq: seq, mail } as const
  await desk.db.transaction((tx) => notify(tx, [told], WINDOW))
}

t.test('twenty comments in a minute are one mail, in their order, after the window', async (t) => {
  for (let n = 1; n <= 20; n += 1) await say(`Comment ${n}`)
  const [delivery, ...more] = await run.rows()
  t.equal(more.length, 0)
  t.match(delivery, { template: 'new_message', isOpen: true, status: 'queued', eventSeq: 2, params: {} })
  const [job, ...others] = await desk.db.select().from(outbox).where(eq(outbox.name, 'email.send'))
  t.equal(others.length, 0)
  t.match(job, { payload: { delivery_id: delivery!.id }, leaseUntil: null, dispatchedAt: null })
  const waits = (job!.availableAt.getTime() - job!.createdAt.getTime()) / 1_000
  t.equal(waits, 60, 'counted from the first')
  t.notOk(
    desk.dispatched.some((row) => row.name === 'email.send'),
    'nobody hands it over before',
  )
  t.equal(await run.work(delivery!.id), 'sent')
  t.strictSame(excerpts(), [Array.from({ length: 20 }, (_, n) => `Comment ${n + 1}`)])
  t.match(run.arrived, [{ template: 'new_message', params: { recipient_name: 'Ann Lee', earlier: 0 } }])
})

t.test('a single thing reads like the mail of that thing, several of a kind like messages', async (t) => {
  await say('Only this')
  await run.work((await run.waiting())[0]!)
  t.match(run.arrived, [
    { template: 'new_message', params: { excerpt: 'Only this', actor: 'Ada Obi', title: 'Screen is black' } },
  ])
  await desk.core.tickets.update(agent, ticket, { status: 'Pending' })
  await run.work((await run.waiting())[0]!)
  t.match(run.arrived[1], { template: 'status_change', params: { old_status: 'New', new_status: 'Pending' } })
})

t.test('things of several kinds are one update, in the order of events', async (t) => {
  await say('First')
  await desk.core.tickets.update(agent, ticket, { status: 'Pending' })
  await say('Last')
  const [id, ...more] = await run.waiting()
  t.equal(more.length, 0)
  t.match(await run.row(id!), { template: 'ticket_update' })
  await run.work(id!)
  t.match(run.arrived, [
    {
      template: 'ticket_update',
      params: {
        items: [
          { template: 'new_message', params: { excerpt: 'First' } },
          { template: 'status_change', params: { new_status: 'Pending' } },
          { template: 'new_message', params: { excerpt: 'Last' } },
        ],
      },
    },
  ])
})

t.test('each person and each ticket has a mail of its own', async (t) => {
  await desk.db
    .insert(ticketWatchers)
    .values({ ticketId: ticket, userId: watcher.id, createdAt: desk.clock.now() })
  await say('One')
  await say('Two')
  const first = ticket
  ticket = await desk.ticket(requester)
  await say('Elsewhere')
  const rows = (await run.rows()).map((row) => [row.userId, row.ticketId, row.items?.length])
  t.strictSame(rows.sort(), [
    [requester.id, first, 2],
    [requester.id, ticket, 1],
    [watcher.id, first, 2],
  ])
})

t.test('what is claimed is closed for good, also when it fails; later things are another mail', async (t) => {
  await tell('new_message')
  const [first] = await run.waiting()
  run.judge = async () => {
    throw new Error('421 come back later')
  }
  await t.rejects(run.work(first!), { message: '421 come back later' })
  t.match(await run.row(first!), { status: 'queued', isOpen: false })
  await tell('new_message')
  await tell('status_change')
  const [, second, ...more] = await run.waiting()
  t.equal(more.length, 0)
  await t.rejects(run.work(second!), EarlierMailFailed, 'the later one waits for the earlier')
  t.match(await run.row(second!), { status: 'queued', isOpen: true, attempts: 0 })
  run.judge = async () => undefined
  t.equal(await run.work(second!), 'sent')
  t.strictSame(run.arrived.map(toldIn), [[2], [3, 4]], 'which goes first')
  t.equal(await run.work(first!), 'gone', 'and is not sent again')
})

t.test('an earlier mail that is refused for good holds up nothing', async (t) => {
  await tell('new_message')
  await tell('ticket_notice')
  const [first, notice] = await run.waiting()
  run.judge = async (mail) => {
    if (mail.deliveryId === first) throw new MailRejected('550 no')
  }
  t.equal(await run.work(notice!), 'sent')
  t.match(await run.row(first!), { status: 'failed', isOpen: false, lastError: '550 no' })
  t.strictSame(run.arrived.map(toldIn), [[3]])
})

t.test('what is not grouped leaves at once, and takes along what waits', async (t) => {
  await tell('new_message')
  await tell('ticket_notice')
  const [group, notice] = await run.rows()
  t.match([group, notice], [{ isOpen: true }, { isOpen: false, items: null, params: { said: 3 } }])
  const jobs = await desk.db.select().from(outbox).where(eq(outbox.name, 'email.send'))
  const isLate = (id: string) =>
    jobs.some(
      (job) => (job.payload as { delivery_id: string }).delivery_id === id && job.availableAt > job.createdAt,
    )
  t.strictSame([isLate(group!.id), isLate(notice!.id)], [true, false])
  t.equal(await run.work(notice!.id), 'sent')
  t.strictSame(run.arrived.map(toldIn), [[2], [3]])
  t.match(await run.row(group!.id), { status: 'sent', isOpen: false })
})

t.test('two jobs at once, the own one and that of a later mail: each mail is sent once', async (t) => {
  await tell('new_message')
  await tell('ticket_notice')
  const [group, notice] = await run.waiting()
  let letGo = () => {}
  const reached = new Promise<void>((resolve) => {
    run.judge = () => {
      resolve()
      return new Promise<void>((open) => {
        letGo = open
      })
    }
  })
  const sending = run.work(notice!)
  await reached
  t.match(await run.row(group!), { status: 'sending', claimedBy: notice })
  await t.rejects(run.work(group!), EarlierMailUnderWay, 'its own job leaves it to the other')
  t.match(await run.row(group!), { status: 'sending', claimedBy: notice })
  run.judge = async () => undefined
  letGo()
  t.equal(await sending, 'sent')
  t.equal(await run.work(group!), 'gone')
  t.strictSame(run.arrived.map(toldIn), [[2], [3]])
})

t.test('what a job that died had claimed for it is sent by its next run', async (t) => {
  await tell('new_message')
  await tell('ticket_notice')
  const [group, notice] = await run.waiting()
  const now = desk.clock.now()
  const claimed = { status: 'sending', isOpen: false, sendingAt: now, claimedBy: notice! } as const
  await desk.db.update(emailDeliveries).set(claimed).where(eq(emailDeliveries.id, group!))
  await t.rejects(run.work(group!), EarlierMailUnderWay)
  t.equal(await run.work(notice!), 'sent')
  t.strictSame(run.arrived.map(toldIn), [[2], [3]])
})

t.test('the newest fifty are kept whole, the others counted', async (t) => {
  for (let n = 0; n < 53; n += 1) await tell('new_message')
  const [id, ...more] = await run.waiting()
  t.equal(more.length, 0)
  t.match(await run.row(id!), { earlierItems: 3 })
  await run.work(id!)
  t.strictSame(run.arrived.map(toldIn), [Array.from({ length: 50 }, (_, n) => n + 5)])
  t.match(run.arrived, [{ params: { earlier: 3 } }])
})

t.test('many writers and a worker at once: everything is in exactly one mail, in order', async (t) => {
  let isWriting = true
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let n = 0; n < 6; n += 1) await say(`${writer}:${n}`)
  })
  const worker = async () => {
    while (isWriting) for (const id of await run.waiting()) await run.work(id)
    for (const id of await run.waiting()) await run.work(id)
  }
  await Promise.all([Promise.all(writers).then(() => (isWriting = false)), worker()])
  const said = run.arrived.flatMap(({ params }) =>
    Array.isArray(params.items)
      ? params.items.map((item: { params: { excerpt: string } }) => item.params.excerpt)
      : [params.excerpt],
  )
  const written = await desk.db
    .select()
    .from(messages)
    .where(eq(messages.ticketId, ticket))
    .orderBy(messages.id)
  t.equal(written.length, 36)
  t.strictSame(
    said,
    written.map((row) => row.body),
  )
})

t.test('without a window each thing is a mail of its own', async (t) => {
  for (const [n, type] of (['new_message', 'status_change'] as const).entries()) {
    const mail = { template: type, params: { said: n } }
    const about = { userId: requester.id, ticketId: ticket, title: 't', message: 'm', at: desk.clock.now() }
    const told = [{ ...about, type, eventSeq: n + 2, mail }]
    await desk.db.transaction((tx) => notify(tx, told, { groupSeconds: 0 }))
  }
  t.match(await run.rows(), [
    { isOpen: false, items: null, params: { said: 0 } },
    { isOpen: false, items: null, params: { said: 1 } },
  ])
})
