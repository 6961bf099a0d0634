import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Milestone } from '@servicedesk/jobs'

/** Tells a program to send itself a signal at its next milestone of that name. A file, so that it outlives a restart. */
export interface Order {
  milestone: Milestone
  signal: 'SIGKILL' | 'SIGSTOP'
}

/** Where a program reads its order; the environment of its process names it. */
export const ORDER_VARIABLE = 'SERVICEDESK_FAULT_ORDER'

const takenFile = (file: string) => `${file}.taken`

export function giveOrder(file: string, order: Order): void {
  rmSync(takenFile(file), { force: true })
  writeFileSync(`${file}.new`, JSON.stringify(order))
  renameSync(`${file}.new`, file)
}

/** Takes an order back that was not carried out. */
export function withdrawOrder(file: string): void {
  rmSync(file, { force: true })
}

export function readOrder(file: string): Order | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Marks an order as carried out, before the one who does it is gone. @returns false when another took it */
export function takeOrder(file: string): boolean {
  try {
    renameSync(file, takenFile(file))
    return true
  } catch {
    return false
  }
}

export function wasTaken(file: string): boolean {
  try {
    readFileSync(takenFile(file))
    return true
  } catch {
    return false
  }
}
