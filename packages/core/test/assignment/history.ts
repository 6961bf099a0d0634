import type { Actor, AssignmentSettingsChanges, UserChanges } from '@servicedesk/core'
import { agents, categories, settings, teams, tickets, users } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import type { CoreDesk } from '../helpers/desk.ts'
import { brokenPromises, loads } from '../helpers/load.ts'
import { eligibleAgents, fairnessFaults, type Moment, waitingInVain } from './promises.ts'

const PRIORITIES = ['Low', 'Medium', 'High', 'Critical']
const CATEGORIES = ['Other', 'Network', 'Hardware']
const SETTINGS = {
  strategy: 'workload',
  include_supervisors: true,
  pending_frees_capacity: false,
  weights: { capacity: 50, skills: 30, sla: 10, presence: 10 },
}

/** What people may be told; anything else is a fault. */
const REFUSALS = new Set([
  'agent_over_capacity',
  'transition_not_allowed',
  'ticket_not_active',
  'ticket_deleted',
  'not_an_agent',
  // Given to somebody who has left.
  'validation_failed',
])

/** A desk in the middle of a history: people and tickets are named by any number, which wraps around. */
export class History {
  readonly desk: CoreDesk
  private readonly admin: Actor
  private readonly requester: Actor
  private readonly people: Actor[]
  private readonly made: number[] = []
  /** The minute's drain is due because time passed. */
  private isMinuteOver = false

  private constructor(desk: CoreDesk, admin: Actor, requester: Actor, people: Actor[]) {
    this.desk = desk
    this.admin = admin
    this.requester = requester
    this.people = people
  }

  /** Forgets what was before: nobody works here but six new people, of whom two are in team Network. */
  static async begin(desk: CoreDesk): Promise<History> {
    await desk.db.execute(sql`TRUNCATE tickets, agents CASCADE`)
    await desk.db.update(users).set({ isActive: false })
    await desk.db.update(settings).set({ value: SETTINGS }).where(eq(settings.key, 'assignment'))
    await desk.db.insert(teams).values({ name: 'Network' }).onConflictDoNothing()
    const [team] = await desk.db.select().from(teams)
    await desk.db.update(categories).set({ teamId: team!.id }).where(eq(categories.name, 'Network'))
    const admin = await desk.person('System Admin')
    const requester = await desk.person('Normal User')
    const people = [
      ...(await desk.agents(3, { maxTickets: 2 })),
      ...(await desk.agents(2, { maxTickets: 1, teamId: team!.id })),
      await desk.person('Technical Supervisor', { maxTickets: 1 }),
    ]
    desk.dispatched.length = 0
    return new History(desk, admin, requester, people)
  }

  private person(n: number): Actor {
    return this.people[n % this.people.length]!
  }

  async create(priority: number, category: number): Promise<void> {
    const input = { priority: PRIORITIES[priority % 4]!, category: CATEGORIES[category % 3]! }
    this.made.push(await this.desk.ticket(this.requester, input))
  }

  async move(n: number, status: string): Promise<void> {
    await this.onTicket(n, (id) => this.desk.core.tickets.setStatus(this.admin, id, { status }))
  }

  async assign(n: number, to: number | 'auto' | null, force: boolean): Promise<void> {
    const assignee = typeof to === 'number' ? this.person(to).id : to
    await this.onTicket(
      n,
      (id) => this.desk.core.assignment.assign(this.admin, id, assignee, { force }),
      force,
    )
  }

  async changeTicket(n: number, changes: { category?: string; priority?: string }): Promise<void> {
    await this.onTicket(n, (id) => this.desk.core.tickets.update(this.admin, id, changes))
  }

  async remove(n: number): Promise<void> {
    await this.onTicket(n, (id) => this.desk.core.tickets.remove(this.admin, id, undefined))
  }

  async changePerson(n: number, changes: UserChanges): Promise<void> {
    await this.quietly(() => this.desk.core.users.update(this.person(n).id, changes))
  }

  /** Out of office from now on, for so many minutes. */
  async leave(n: number, minutes: number): Promise<void> {
    const from = this.desk.clock.now()
    const to = new Date(from.getTime() + minutes * 60_000)
    await this.changePerson(n, { out_of_office: { from: from.toISOString(), to: to.toISOString() } })
  }

  async configure(changes: AssignmentSettingsChanges): Promise<void> {
    // What counts anew gives nobody a ticket.
    await this.quietly(() => this.desk.core.assignmentSettings.update(this.admin, changes), true)
  }

  async pass(minutes: number): Promise<void> {
    this.desk.clock.advance(minutes * 60_000)
    this.isMinuteOver = true
  }

  /** Does the jobs that are owed, and only those; then every promise holds. @throws Error naming what does not */
  async work(): Promise<void> {
    const { desk } = this
    const isOwed = desk.dispatched.some(({ queue }) => queue === 'assignment')
    desk.dispatched.length = 0
    const before = await this.moment()
    if (isOwed || this.isMinuteOver) while ((await desk.assign()) > 0);
    this.isMinuteOver = false
    const faults = [
      ...(await waitingInVain(desk.db, before.eligible)),
      ...fairnessFaults(before, await this.moment()),
      ...(await this.brokenPromises()),
    ]
    if (faults.length > 0) throw new Error(faults.join('; '))
  }

  private async moment(): Promise<Moment> {
    const { db, clock } = this.desk
    const [row] = await db.select().from(settings).where(eq(settings.key, 'assignment'))
    return {
      strategy: (row!.value as typeof SETTINGS).strategy,
      eligible: await eligibleAgents(db, clock.now()),
      agents: await db.select().from(agents),
      passedOver: await db.select({ id: tickets.passedOver }).from(tickets),
    }
  }

  /** Being over the cap is judged where it comes about. */
  private async brokenPromises(): Promise<string[]> {
    return (await brokenPromises(this.desk.db)).filter((each) => !/has \d+ of \d+$/.test(each))
  }

  private async onTicket(n: number, act: (id: number) => Promise<unknown>, mayExceed = false): Promise<void> {
    const id = this.made[n % Math.max(1, this.made.length)]
    if (id === undefined) return
    const [was] = await this.desk.db.select().from(tickets).where(eq(tickets.id, id))
    // Resumed, it counts again for whoever kept it.
    await this.quietly(() => act(id), mayExceed || was?.statusClass === 'pending')
  }

  /** @throws Error for an unexpected failure, or when somebody's tickets rise above the cap without leave */
  private async quietly(act: () => Promise<unknown>, mayExceed = false): Promise<void> {
    const before = new Map((await loads(this.desk.db)).map((load) => [load.id, load]))
    try {
      await act()
    } catch (error) {
      if (!REFUSALS.has((error as { code?: string }).code ?? '')) throw error
    }
    const after = await loads(this.desk.db)
    const tooMany = after.filter(
      ({ id, counter, max }) => counter > max && counter > (before.get(id)?.counter ?? 0),
    )
    if (!mayExceed && tooMany.length > 0) throw new Error(`over the cap: ${JSON.stringify(tooMany)}`)
  }
}
