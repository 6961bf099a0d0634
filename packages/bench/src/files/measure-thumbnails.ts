import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeThumbnails, type ThumbnailPorts } from '@servicedesk/core'
import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import { createStores, createThumbnailer, readStorage } from '@servicedesk/files'
import { createBenchCore, insertBenchUser } from '../desk.ts'
import type { Figure } from '../framework/figure.ts'
import type { BenchContext } from '../framework/measurement.ts'
import { bareThumbnails } from './bare-sharp.ts'
import { type Photograph, photographs } from './photographs.ts'

/** The share of bare sharp's speed that the job must reach (issue 5). */
export const TARGET = 0.8

/** As many as a worker works on. */
const AT_ONCE = 2

interface Stored extends Photograph {
  id: string
}

/**
 * The work of one `thumbnail.make` (row read, original from the store, six thumbnails made and stored, with fsync)
 * against bare sharp making the same six of a photograph that it has in memory. Each photograph is done by both, one
 * right after the other and in turns first, two at once as in a worker, `rounds` times.
 */
export async function measureThumbnails({ servers, rounds }: BenchContext): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'servicedesk-bench-files-'))
  const db = createDatabase(servers.databaseUrl, { max: 4, applicationName: 'servicedesk-bench' })
  try {
    const ports = { stores: createStores(readStorage({}, [], folder)), ...createThumbnailer() }
    const stored = await store(db, ports, await photographs())
    const times = await inPairs(stored, rounds, [
      (photo) => bareThumbnails(photo.content),
      (photo) => makeThumbnails(db, ports, photo.id),
    ])
    const [floor, product] = times.map((round) => round.map((ms) => (stored.length * AT_ONCE * 1_000) / ms))
    return [
      {
        name: 'photographs with six thumbnails each',
        unit: '/s',
        better: 'more',
        rounds: product ?? [],
        floor: { name: 'bare sharp', rounds: floor ?? [] },
        targets: [{ of: 'ratio', is: TARGET }],
      },
    ]
  } finally {
    await closeDatabase(db)
    rmSync(folder, { recursive: true, force: true })
  }
}

type Work = (photo: Stored) => Promise<unknown>

/** Milliseconds of each work on all photographs, two of it at once, in each round; a round before only warms up. */
async function inPairs(photos: readonly Stored[], rounds: number, works: readonly [Work, Work]) {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    const sums: [number, number] = [0, 0]
    for (const photo of photos) {
      for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const started = performance.now()
        await Promise.all(Array.from({ length: AT_ONCE }, () => works[which](photo)))
        sums[which] += performance.now() - started
      }
    }
    if (round > 0) for (const which of [0, 1] as const) times[which].push(sums[which])
  }
  return times
}

async function store(db: Database, ports: ThumbnailPorts, photos: readonly Photograph[]): Promise<Stored[]> {
  const actor = await insertBenchUser(db)
  const core = createBenchCore(db)
  const ticket = await core.tickets.create(actor, {
    title: 'Photographs',
    description: 'Of a broken screen.',
  })
  const files = photos.map((photo) => ({ ...photo, id: randomUUID() }))
  for (const { id, name, content } of files) {
    const storageKey = `bench/${id}/original`
    const { current } = ports.stores
    await ports.stores.of(current).put(storageKey, content)
    await core.files.attach(actor, { ticketId: ticket.id }, [
      {
        id,
        filename: name,
        extension: 'jpg',
        mimeType: 'image/jpeg',
        category: 'images',
        bytes: content.length,
        sha256: '0'.repeat(64),
        store: current,
        storageKey,
        isPicture: true,
        width: null,
        height: null,
      },
    ])
  }
  return files
}
