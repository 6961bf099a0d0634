import { measureAnalytics } from './analytics/measure-analytics.ts'
import { measureAssign } from './assignment/measure-assign.ts'
import { measureFlatOut } from './assignment/measure-flat-out.ts'
import { measureBusinessTime } from './calendars/measure-business-time.ts'
import { measureExport } from './export/measure-export.ts'
import { measureThumbnails } from './files/measure-thumbnails.ts'
import { measureUploads } from './files/measure-uploads.ts'
import type { Measurement } from './framework/measurement.ts'
import { measureJobs } from './jobs/measure-jobs.ts'
import { measureRealtime } from './realtime/measure-realtime.ts'
import { measureRelay } from './relay/measure-relay.ts'
import { measureSearch } from './search/measure-search.ts'
import { measureSweep } from './sla/measure-sweep.ts'
import { measureCreate } from './tickets/measure-create.ts'
import { measureDeepPage, measureGet, measureList } from './tickets/measure-list.ts'

/** Everything that is measured, by the names of `--only`, in the order in which it is: what writes comes after what reads. */
export const measurements = {
  list: { at: 'every scale', run: measureList },
  deep: { at: 'every scale', run: measureDeepPage },
  get: { at: 'every scale', run: measureGet },
  search: { at: 'every scale', run: measureSearch },
  analytics: { at: 'every scale', run: measureAnalytics },
  export: { at: 'every scale', run: measureExport },
  'flat-out': { at: 'largest scale', run: measureFlatOut },
  // Leaves thousands of tickets to a worker that there is none of.
  create: { at: 'every scale', run: measureCreate },
  sweep: { at: 'own scale', run: measureSweep },
  assign: { at: 'once', run: measureAssign },
  relay: { at: 'once', run: measureRelay },
  jobs: { at: 'once', run: measureJobs },
  thumbnails: { at: 'once', run: measureThumbnails },
  uploads: { at: 'once', run: measureUploads },
  realtime: { at: 'once', run: measureRealtime },
  calendars: { at: 'once', run: measureBusinessTime },
} as const satisfies Record<string, Measurement>

export type MeasurementName = keyof typeof measurements
export const MEASUREMENTS = Object.keys(measurements) as MeasurementName[]
