import type { DeskProcesses } from '../http/desk-processes.ts'
import type { BenchServers } from '../servers.ts'
import type { Figure } from './figure.ts'

/** What every measurement is given. */
export interface BenchContext {
  servers: BenchServers
  /** How often floor and product take turns. */
  rounds: number
  /** Is told what is under way. */
  progress(step: string): void
  /** A CSV file of real tickets. */
  file: string
}

/** A desk of so many tickets, and its API as a process of its own. */
export interface DeskContext extends BenchContext {
  tickets: number
  desk: DeskProcesses
}

export type Measurement =
  /** On a loaded desk, at every scale or at the largest only. */
  | { at: 'every scale' | 'largest scale'; run(context: DeskContext): Promise<Figure[]> }
  /** On an empty database of its own, once. */
  | { at: 'once'; run(context: BenchContext): Promise<Figure[]> }
  /** On an empty database of its own, with so many rows of its own, at every scale. */
  | { at: 'own scale'; run(context: BenchContext, scale: number): Promise<Figure[]> }
