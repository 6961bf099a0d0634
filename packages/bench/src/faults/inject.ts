import type { Milestone } from '@servicedesk/jobs'
import { Redis } from 'ioredis'
import postgres from 'postgres'
import { giveOrder, type Order, wasTaken, withdrawOrder } from './orders.ts'
import { type Fault, groupOf, LINKS, nameOf, type PlannedFault, type Process, type Program } from './plan.ts'
import type { System } from './topology.ts'

/** A fault that was done. Instants are milliseconds since 1970. */
export interface DoneFault {
  name: string
  at: number
  /** An order to die at a milestone that the program did not come to in time. */
  missed: boolean
}

/** How long a program may take to come to the milestone it is to die at. */
const ORDER_MS = 30_000

export interface Breaker {
  /** Does a fault. Resolves when it is done; what lasts (a stop, a cut) goes on and ends by itself. */
  breakIt(fault: Fault): Promise<DoneFault>
  /** Ends whatever still lasts: all runs, all flows. */
  heal(): Promise<void>
  close(): Promise<void>
}

export function createBreaker(system: System): Breaker {
  const lasting = new Set<() => void>()
  const sql = postgres(system.databaseUrl, { max: 1, onnotice: () => undefined })
  const redis = new Redis(system.redisUrl, { retryStrategy: () => 200, maxRetriesPerRequest: null })
  redis.on('error', () => undefined)

  function forAWhile(ms: number, end: () => void): void {
    const finish = () => {
      clearTimeout(timer)
      lasting.delete(finish)
      end()
    }
    const timer = setTimeout(finish, ms)
    lasting.add(finish)
  }

  function wakeLater(process: Process, ms: number): void {
    const pid = system.pid(process)
    forAWhile(ms, () => {
      // Killed and started again meanwhile, it is another process, and that one runs.
      if (pid !== undefined && system.pid(process) === pid) system.signal(process, 'SIGCONT')
    })
  }

  /** @returns whether the program came to the milestone in time */
  async function order(
    fault: { process: Program; milestone: Milestone },
    signal: Order['signal'],
  ): Promise<boolean> {
    const file = system.orderFile(fault.process)
    giveOrder(file, { milestone: fault.milestone, signal })
    // A relay finds rows only when the API could not send them: so it cannot, for a moment.
    if (fault.milestone === 'leased') cutFor(system, 'api-redis', 2_000, forAWhile)
    const deadline = Date.now() + ORDER_MS
    while (!wasTaken(file) && Date.now() < deadline) await wait(20)
    withdrawOrder(file)
    return wasTaken(file)
  }

  const acts: { [K in Fault['kind']]: (fault: Fault & { kind: K }) => Promise<boolean> | boolean } = {
    kill(fault) {
      system.signal(fault.process, 'SIGKILL')
      return true
    },
    stop(fault) {
      system.signal(fault.process, 'SIGSTOP')
      wakeLater(fault.process, fault.forMs)
      return true
    },
    'kill at': (fault) => order(fault, 'SIGKILL'),
    async 'freeze at'(fault) {
      const isFrozen = await order(fault, 'SIGSTOP')
      if (isFrozen) wakeLater(fault.process, fault.forMs)
      return isFrozen
    },
    async 'cut at'(fault) {
      const isFrozen = await order(fault, 'SIGSTOP')
      const links = LINKS.filter((link) => link.startsWith(groupOf(fault.process)))
      if (isFrozen) for (const link of links) cutFor(system, link, fault.forMs, forAWhile)
      system.signal(fault.process, 'SIGCONT')
      return isFrozen
    },
    cut(fault) {
      cutFor(system, fault.link, fault.forMs, forAWhile)
      return true
    },
    slow(fault) {
      system.links[fault.link].slow(fault.delayMs)
      forAWhile(fault.forMs, () => system.links[fault.link].mend())
      return true
    },
    async 'end sessions'() {
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'servicedesk-%'`.catch(() => undefined)
      return true
    },
    async 'wipe redis'() {
      await redis.flushall()
      return true
    },
  }

  return {
    async breakIt(fault) {
      const at = Date.now()
      // The table's key and the fault's kind are the same by construction.
      const done = await (acts[fault.kind] as (fault: Fault) => Promise<boolean> | boolean)(fault)
      return { name: nameOf(fault), at: 'milestone' in fault ? Date.now() : at, missed: !done }
    },
    async heal() {
      for (const end of [...lasting]) end()
    },
    async close() {
      redis.disconnect()
      await sql.end({ timeout: 1 })
    },
  }
}

function cutFor(
  system: System,
  link: keyof System['links'],
  ms: number,
  forAWhile: (ms: number, end: () => void) => void,
): void {
  system.links[link].cut()
  forAWhile(ms, () => system.links[link].mend())
}

/** Does a plan, one fault after the other; effects that last overlap with what follows. */
export async function carryOut(
  breaker: Breaker,
  plan: readonly PlannedFault[],
  onFault: (fault: DoneFault, done: number) => void,
): Promise<DoneFault[]> {
  const done: DoneFault[] = []
  for (const { fault, afterMs } of plan) {
    await wait(afterMs)
    const result = await breaker.breakIt(fault)
    done.push(result)
    onFault(result, done.length)
  }
  return done
}

export const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
