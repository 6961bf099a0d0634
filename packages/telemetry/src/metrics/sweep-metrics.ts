import { Counter, Histogram, type Registry } from 'prom-client'

/** One sweep over the SLA clocks, all its batches together. */
export interface Sweep {
  breached: number
  warned: number
  seconds: number
}

/** @returns what to call after each sweep */
export function createSweepMetrics(registry: Registry): (sweep: Sweep) => void {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'servicedesk_sla_sweep_duration_seconds',
    help: 'Duration of a sweep over the SLA clocks',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers,
  })
  const due = new Counter({
    name: 'servicedesk_sla_sweep_due_total',
    help: 'Clocks that sweeps found due, by what was recorded: breach or warning',
    labelNames: ['kind'],
    registers,
  })
  for (const kind of ['breach', 'warning']) due.inc({ kind }, 0)
  return (sweep) => {
    seconds.observe(sweep.seconds)
    due.inc({ kind: 'breach' }, sweep.breached)
    due.inc({ kind: 'warning' }, sweep.warned)
  }
}
