import { subscribe } from 'node:diagnostics_channel'
import { MILESTONES, type Milestone, milestoneChannel } from '@servicedesk/jobs'
import { ORDER_VARIABLE, readOrder, takeOrder } from './orders.ts'

// Loaded into the API and the worker by `--import`, before their own code: dies where it is told to.

const file = process.env[ORDER_VARIABLE]

function obey(milestone: Milestone, names: readonly string[]): void {
  const order = file === undefined ? undefined : readOrder(file)
  if (file === undefined || order?.milestone !== milestone) return
  if (order.job !== undefined && !names.includes(order.job)) return
  if (takeOrder(file)) process.kill(process.pid, 'SIGKILL')
}

for (const milestone of MILESTONES) {
  subscribe(milestoneChannel(milestone), (message) => obey(milestone, (message as { names: string[] }).names))
}
