import { type Actor, DomainError } from '@servicedesk/core'
import { calendarVersions, slaPolicies, tickets } from '@servicedesk/db'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { setTargets } from '../helpers/clocks.ts'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'

const HOUR = 3_600_000
const PRIORITIES = ['Low', 'Medium', 'High', 'Critical']
const CATEGORIES = ['Other', 'Network', 'Hardware']
/** Each priority's, in business hours. */
export const TARGETS = { Critical: 6, High: 6, Medium: 6, Low: 6 }

/** What people may be told; anything else is a fault. */
const REFUSALS = new Set([
  'transition_not_allowed',
  'ticket_not_active',
  'ticket_deleted',
  'not_an_agent',
  'validation_failed',
])

/** A desk that began some time ago and lives on, by any acts of its people and of somebody with SQL. */
export class DeskHistory {
  readonly desk: CoreDesk
  readonly begin: number
  readonly supervisor: Actor
  private readonly admin: Actor
  private readonly requester: Actor
  private readonly agents: Actor[]
  private readonly made: number[] = []

  private constructor(
    desk: CoreDesk,
    begin: number,
    people: { admin: Actor; supervisor: Actor; requester: Actor; agents: Actor[] },
  ) {
    this.desk = desk
    this.begin = begin
    this.supervisor = people.supervisor
    this.admin = people.admin
    this.requester = people.requester
    this.agents = people.agents
  }

  static async at(t: Parameters<typeof createCoreDesk>[0], begin: number): Promise<DeskHistory> {
    const desk = await createCoreDesk(t, 4)
    desk.clock.advance(begin - desk.clock.now().getTime())
    // As if the desk had been set up before.
    const before = new Date(begin - 24 * HOUR)
    await setTargets(desk, HOUR, (6 * HOUR) / 1_000)
    await desk.db.update(slaPolicies).set({ changedAt: before })
    await desk.db.update(calendarVersions).set({ createdAt: before })
    const admin = await desk.person('System Admin')
    const supervisor = await desk.person('Technical Supervisor', { maxTickets: 50 })
    const requester = await desk.person('Normal User')
    const agents = [supervisor, ...(await desk.agents(3, { maxTickets: 50 }))]
    return new DeskHistory(desk, begin, { admin, supervisor, requester, agents })
  }

  pass(ms: number): void {
    this.desk.clock.advance(ms)
  }

  async create(kind: number): Promise<void> {
    const input = { priority: PRIORITIES[kind % 4]!, category: CATEGORIES[kind % 3]! }
    this.made.push(await this.desk.ticket(this.requester, input))
  }

  async move(n: number, status: string): Promise<void> {
    await this.on(n, (id) => this.desk.core.tickets.setStatus(this.admin, id, { status }))
  }

  async assign(n: number, to: number | null): Promise<void> {
    const agent = to === null ? null : this.agents[to % this.agents.length]!.id
    await this.on(n, (id) => this.desk.core.assignment.assign(this.admin, id, agent, { force: true }))
  }

  async classify(n: number, kind: number): Promise<void> {
    const changes = { priority: PRIORITIES[kind % 4]!, category: CATEGORIES[kind % 3]! }
    await this.on(n, (id) => this.desk.core.tickets.update(this.admin, id, changes))
  }

  async remove(n: number): Promise<void> {
    await this.on(n, (id) => this.desk.core.tickets.remove(this.admin, id, undefined))
  }

  async toggle(n: number): Promise<void> {
    const { id } = this.agents[1 + (n % (this.agents.length - 1))]!
    const { is_active } = await this.desk.core.users.get(this.admin, id)
    await this.desk.core.users.update(id, { is_active: !is_active })
  }

  /** What only somebody with SQL does to a ticket's past. */
  async rewrite(n: number, how: number, hours: number): Promise<void> {
    const back = sql.raw(`interval '${hours} hours'`)
    await this.on(n, async (id) => {
      const ticket = eq(tickets.id, id)
      if (how === 0)
        await this.desk.db
          .update(tickets)
          .set({ createdAt: sql`created_at - ${back}` })
          .where(ticket)
      // One that was open would be open with clocks that its deletion stopped, which the desk never is.
      if (how === 1)
        await this.desk.db
          .update(tickets)
          .set({ deletedAt: null })
          .where(and(ticket, inArray(tickets.statusClass, ['resolved', 'closed'])))
      if (how === 2)
        await this.desk.db
          .update(tickets)
          .set({ resolvedAt: sql`greatest(created_at, resolved_at - ${back})` })
          .where(ticket)
      if (how === 3)
        await this.desk.db.execute(sql`UPDATE sla_clocks k SET breached_at = greatest(t.created_at, k.stopped_at - ${back})
          FROM tickets t WHERE t.id = k.ticket_id AND t.id = ${id} AND k.stopped_at IS NOT NULL`)
      if (how === 4)
        await this.desk.db.execute(sql`UPDATE sla_clocks SET breached_at = NULL WHERE ticket_id = ${id}
          AND metric = 'resolution' AND state = 'stopped'`)
    })
  }

  private async on(n: number, act: (id: number) => Promise<unknown>): Promise<void> {
    const id = this.made[n % Math.max(1, this.made.length)]
    if (id === undefined) return
    try {
      await act(id)
    } catch (error) {
      if (!(error instanceof DomainError && REFUSALS.has(error.code))) throw error
    }
  }
}
