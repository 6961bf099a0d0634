import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeDatabase, createDatabase, migrate } from '@servicedesk/db'
import { startPostgres } from '@servicedesk/dev'
import type { Measured } from './measure.ts'
import { measureCreate, measureList } from './tickets.ts'

// npm run bench: each figure is a ratio to a floor measured in the same run, on a PostgreSQL that fsyncs.

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

const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-bench-'))
const server = await startPostgres({ dataDir: join(dataDir, 'postgres'), log: () => undefined })
try {
  await migrate(server.url)
  const db = createDatabase(server.url, { max: 16, applicationName: 'servicedesk-bench' })
  report(await measureCreate(db))
  report(await measureList(db))
  await closeDatabase(db)
} finally {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
