import { parseArgs } from 'node:util'
import { closeDatabase, createDatabase, migrate } from '@servicedesk/db'
import { measureBusinessTime } from './calendars/measure-business-time.ts'
import { measureThumbnails } from './files/measure-thumbnails.ts'
import { measureUploads } from './files/measure-uploads.ts'
import type { Measured } from './measure.ts'
import { measureRelay } from './relay/measure-relay.ts'
import { type BenchServers, startBenchServers } from './servers.ts'
import { measureSweep } from './sla/measure-sweep.ts'
import { measureCreate, measureList } from './tickets.ts'

// npm run bench [-- --only tickets|relay|sweep|calendars|thumbnails|uploads] [--clocks 1000000] [--rounds 3]: each
// figure is a ratio to a floor measured in the same run, on a PostgreSQL that fsyncs; of uploads it is megabytes.

function report({ floor, product }: { floor: Measured; product: Measured }): void {
  for (const each of [floor, product]) {
    const rate = each.perSecond.toFixed(0).padStart(7)
    console.log(
      `${each.name.padEnd(34)}${rate}/s   p50 ${each.p50Ms.toFixed(1)} ms   p95 ${each.p95Ms.toFixed(1)} ms`,
    )
  }
  console.log(
    `${'ratio to the floor'.padEnd(34)}${(product.perSecond / floor.perSecond).toFixed(2).padStart(7)}\n`,
  )
}

const parts: Record<string, (servers: BenchServers) => Promise<void>> = {
  async tickets({ databaseUrl }) {
    const db = createDatabase(databaseUrl, { max: 16, applicationName: 'servicedesk-bench' })
    report(await measureCreate(db))
    report(await measureList(db))
    await closeDatabase(db)
  },
  relay: measureRelay,
  sweep: (servers) => measureSweep(servers, clocks),
  thumbnails: (servers) => measureThumbnails(servers, rounds),
  uploads: (servers) => measureUploads(servers, rounds),
}

/** What needs no servers. */
const bare: Record<string, () => void> = { calendars: measureBusinessTime }

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    /** How many clocks run while the sweep is measured. */
    clocks: { type: 'string', default: '1000000' },
    /** How often each photograph is done, and ten files are sent at once. */
    rounds: { type: 'string', default: '3' },
  },
})
const clocks = Number(values.clocks)
if (!Number.isInteger(clocks) || clocks < 100) {
  console.error(`--clocks ${values.clocks}: must be a whole number from 100`)
  process.exit(1)
}
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds ${values.rounds}: must be a whole number from 1`)
  process.exit(1)
}
const known = [...Object.keys(bare), ...Object.keys(parts)]
const wanted = values.only ?? known
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`--only ${unknown.join(', ')}: there are ${known.join(', ')}`)
  process.exit(1)
}
for (const name of wanted) bare[name]?.()
if (wanted.some((name) => Object.hasOwn(parts, name))) {
  const servers = await startBenchServers()
  try {
    await migrate(servers.databaseUrl)
    for (const name of wanted) await parts[name]?.(servers)
  } finally {
    await servers.stop()
  }
}
