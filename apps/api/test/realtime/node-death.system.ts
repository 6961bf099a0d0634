import t from 'tap'
import { startCluster, startNodeProcess } from '../helpers/cluster.ts'
import { A_TICKET } from '../helpers/send.ts'

/** A lease of 10 s, a look a second, and what a busy machine takes. */
const LEASE_MS = 11_000 + 1_000

const { desk, one, two } = await startCluster(t)
const requester = await desk.person('Normal User')
const [gone, moved] = [await desk.person('Technical User'), await desk.person('Technical User')]
const { id } = await desk.core.tickets.create(requester, A_TICKET)

t.test(
  'kill -9 of a node: presence, viewers and typing are corrected on the others by themselves',
  async (t) => {
    const dying = await startNodeProcess(t, desk)
    const watchers = [await one.look(requester, id), await two.look(requester, id)]
    const clients = [await dying.look(gone, id), await dying.look(moved, id)]
    for (const watcher of watchers) await watcher.next('ticket_viewers', ({ users }) => users.length === 3)
    await clients[0]?.ask('typing_start', { ticket_id: id })
    for (const watcher of watchers)
      t.match(await watcher.next('user_typing'), { user_id: gone.id, typing: true })

    await dying.kill()
    const killed = Date.now()
    await two.look(moved, id)
    for (const watcher of watchers) {
      t.match(await watcher.next('user_typing'), { user_id: gone.id, typing: false })
      const offline = await watcher.next('presence_update', ({ status }) => status === 'offline')
      t.equal(offline.user_id, gone.id)
      t.match(await watcher.next('user_left_ticket'), { user_id: gone.id })
      const left = `${requester.id},${moved.id}`
      const isLeft = (user: { id: number }[]) => user.map(({ id }) => id).join() === left
      await watcher.next('ticket_viewers', ({ users }) => isLeft(users))
    }
    t.ok(Date.now() - killed < LEASE_MS, `after ${Date.now() - killed} ms`)
    for (const watcher of watchers) {
      const told = watcher.received.filter(
        ({ event, payload }) => event === 'presence_update' && payload.user_id === moved.id,
      )
      t.strictSame(
        told.map(({ payload }) => payload.status),
        ['online'],
        'who came back on another node never left',
      )
    }
  },
)
