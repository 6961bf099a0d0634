import { notify } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { createMailRun, toldIn } from '../helpers/mail-run.ts'

const WINDOW = { groupSeconds: 60 }
const desk = await createCoreDesk(t, 10, WINDOW)
const run = createMailRun(desk)
const people = [await desk.person('System Admin'), await desk.person('System Admin')]

type Step =
  | { kind: 'tell'; ticket: number; to: number[]; template: string }
  /** A worker takes one of the waiting deliveries; the mail server may be away. */
  | { kind: 'work'; which: number; isAway: boolean }

const telling = fc.record({
  kind: fc.constant('tell' as const),
  ticket: fc.nat(1),
  to: fc.subarray([0, 1], { minLength: 1 }),
  template: fc.constantFrom('new_message', 'status_change', 'alert', 'file_rejected'),
})
const working = fc.record({ kind: fc.constant('work' as const), which: fc.nat(9), isAway: fc.boolean() })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: telling },
  { weight: 2, arbitrary: working },
)

/** What one person should get about one ticket, and in how many mails. */
interface Thread {
  told: number[]
  mails: number
  isOpen: boolean
  /** A mail was claimed and not sent; the one after it cannot be claimed until it is. */
  isStuck: boolean
}

/** What the product should do, step by step. */
function createModel() {
  const threads = new Map<string, Thread>()
  const of = (ticketId: number | null, email: string) => {
    const key = `${ticketId} ${email}`
    const thread = threads.get(key) ?? { told: [], mails: 0, isOpen: false, isStuck: false }
    threads.set(key, thread)
    return thread
  }
  return {
    threads,
    tell(thread: Thread, said: number) {
      thread.told.push(said)
      if (!thread.isOpen) thread.mails += 1
      thread.isOpen = true
    },
    work(thread: Thread, taken: { isOpen: boolean; isAway: boolean }) {
      if (taken.isOpen && !(taken.isAway && thread.isStuck)) thread.isOpen = false
      thread.isStuck = taken.isAway
    },
    of,
  }
}

async function tell(ticketId: number, { to, template }: { to: number[]; template: string }, said: number) {
  const about = { ticketId, type: 'new_message', title: 't', message: 'm', at: desk.clock.now() } as const
  const told = to.map((n) => ({
    ...about,
    userId: people[n]!.id,
    eventSeq: said,
    mail: { template, params: { said } },
  }))
  await desk.db.transaction((tx) => notify(tx, told, WINDOW))
}

t.test('everything is in exactly one mail, in order, and there are no more mails than windows', async (t) => {
  let most = 0
  const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 18 }), async (steps) => {
    run.arrived.length = 0
    const model = createModel()
    const tickets = [await desk.ticket(people[0]!), await desk.ticket(people[1]!)]
    let said = 1
    for (const each of steps) {
      if (each.kind === 'tell') {
        said += 1
        const ticketId = tickets[each.ticket]!
        await tell(ticketId, each, said)
        for (const n of each.to) model.tell(model.of(ticketId, people[n]!.email), said)
        continue
      }
      const waiting = await run.waiting()
      const id = waiting[each.which % (waiting.length || 1)]
      if (id === undefined) continue
      const row = await run.row(id)
      run.judge = async () => {
        if (each.isAway) throw new Error('421 away')
      }
      await run.work(id).catch(() => undefined)
      model.work(model.of(row.ticketId, row.toEmail), { isOpen: row.isOpen, isAway: each.isAway })
    }
    run.judge = async () => undefined
    for (const id of (await run.waiting()).reverse()) await run.work(id)
    for (const [key, thread] of model.threads) {
      const mails = run.arrived.filter((mail) => `${mail.ticketId} ${mail.to}` === key)
      most = Math.max(most, ...mails.map((mail) => toldIn(mail).length))
      const [got, wanted] = [mails.flatMap(toldIn).join(), thread.told.join()]
      if (got !== wanted) throw new Error(`${key} was told ${got} instead of ${wanted}`)
      if (mails.length !== thread.mails) throw new Error(`${mails.length} mails for ${thread.mails} windows`)
    }
  })
  await fc.assert(property, { numRuns: 25 })
  t.ok(most > 1, 'there were groups')
})
