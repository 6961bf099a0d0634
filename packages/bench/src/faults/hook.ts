import { subscribe } from 'node:diagnostics_channel'
import { MILESTONES, type Milestone, milestoneChannel } from '@servicedesk/jobs'
import { ORDER_VARIABLE, readOrder, takeOrder } from './orders.ts'

// Loaded into the API and the worker by `--import`, before their own code: dies or freezes where it is told to.

const file = process.env[ORDER_VARIABLE]

function obey(milestone: Milestone): void {
  const order = file === undefined ? undefined : readOrder(file)
  if (file === undefined || order?.milestone !== milestone) return
  if (takeOrder(file)) process.kill(process.pid, order.signal)
}

for (const milestone of MILESTONES) {
  subscribe(milestoneChannel(milestone), () => obey(milestone))
}
