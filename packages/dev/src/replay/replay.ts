import { randomUUID } from 'node:crypto'
import { readLoads } from './agents.ts'
import { isServersDoing } from './api-errors.ts'
import { type Beginning, begin } from './begin.ts'
import { createCaller } from './caller.ts'
import type { Deps } from './deps.ts'
import { findExtras } from './find-extras.ts'
import { mapRow } from './map-row.ts'
import type { ReplayOptions } from './options.ts'
import { listPhotos } from './photos.ts'
import { isDrained, type Pipeline, waitForDrain } from './pipeline.ts'
import { postTickets } from './post-tickets.ts'
import type { Progress, StartProgress } from './progress.ts'
import { readFates } from './read-fates.ts'
import { readRows, type SourceRow } from './read-rows.ts'
import type { Staff } from './staff.ts'
import { summariseStaff } from './staff-summary.ts'
import { type Learned, type Summary, summarise } from './summary.ts'
import type { Work } from './work.ts'

/**
 * Replays a file: posts its rows, waits until the pipeline has drained, and finds out what became of each.
 * @throws UserError when it cannot begin
 */
export async function replay(
  options: ReplayOptions,
  deps: Deps,
  startProgress: StartProgress,
): Promise<Summary> {
  const rows = readRows(options.file, options.limit)
  // Before anything is sent, so that a folder without any is told of at once.
  if (options.attach !== undefined) listPhotos(options.attach)
  const retries = new Map<string, number>()
  let shown: Progress | undefined
  const call = createCaller(options.api, deps, (reason) => {
    retries.set(reason, (retries.get(reason) ?? 0) + 1)
    shown?.note(`${reason}, trying again`)
  })
  const used = rows.map((row) => mapRow(row).category)
  const beginning = await begin(call, options, used, deps)
  // What the wait for a server that was still starting took is no part of the story.
  retries.clear()

  const { staff, work } = beginning.staff ?? {}
  const show: StartProgress = (label, total) => {
    shown = startProgress(label, total)
    return shown
  }
  let ran: Awaited<ReturnType<typeof run>>
  let isLeft: string | undefined
  try {
    ran = await run(options, deps, show, rows, beginning)
  } catch (error) {
    await work?.abandon()
    throw error
  } finally {
    isLeft = await leave(staff)
  }
  const { done, ...facts } = ran
  const isResolving = options.staff?.resolveRate !== undefined
  return summarise({
    file: options.file,
    api: options.api,
    retries,
    before: beginning.before,
    ...facts,
    staff: staff && done ? summariseStaff(staff, done, isResolving, isLeft) : null,
  })
}

/** Sends, lets the pipeline drain and the staff work, and reads what became of the tickets. */
async function run(
  options: ReplayOptions,
  deps: Deps,
  show: StartProgress,
  rows: readonly SourceRow[],
  { admin, requester, newest, staff }: Beginning,
) {
  const timeoutMs = options.timeoutSeconds * 1_000
  const sending = show('Sending', rows.length)
  const begun = deps.now()
  let sentRows = 0
  const posted = await postTickets(requester, rows, deps, {
    photos: options.attach === undefined ? [] : listPhotos(options.attach),
    rate: options.rate,
    runId: randomUUID(),
    onDone: () => sending.update(++sentRows, rows.length),
  })
  sending.end()
  const sent = deps.now()

  const drain = async () => {
    const draining = showDrain(show)
    const figures = await waitForDrain(admin.call, deps, timeoutMs, draining.show)
    draining.end()
    return figures
  }
  let after = await drain()
  const drained = deps.now()

  const created = posted.filter((each) => each.kind === 'created')
  let done: Work | undefined
  if (staff) {
    const resolving = show('Working', created.length)
    done = await staff.work.finish((resolved) =>
      resolving.update(resolved, Math.max(resolved, created.length)),
    )
    resolving.end()
    after = await drain()
  }

  const reading = show('Reading', created.length)
  const learned = await learn(after, async () => {
    let read = 0
    const fates = await readFates(admin.call, created, () => reading.update(++read, created.length))
    const extras = await findExtras(admin.call, requester.userId, newest, posted)
    return { fates, extras, loads: await readLoads(admin.call) }
  })
  reading.end()
  return {
    posted,
    sendingSeconds: (sent - begun) / 1_000,
    drainingSeconds: (drained - sent) / 1_000,
    after,
    learned,
    done,
  }
}

/** Gives the desk's categories back; says why they were not. */
async function leave(staff: Staff | undefined): Promise<string | undefined> {
  try {
    await staff?.leave()
    return undefined
  } catch (error) {
    if (isServersDoing(error)) return error.message
    throw error
  }
}

/** A bar that moves from the most that was owed at once to nothing. */
function showDrain(startProgress: StartProgress): Progress & { show(figures: Pipeline): void } {
  const progress = startProgress('Draining', 0)
  let most = 0
  return {
    ...progress,
    show: (figures) => {
      const left = figures.owed + figures.mailsQueued + figures.thumbnailsPending
      most = Math.max(most, left)
      const { owed, mailsQueued, thumbnailsPending } = figures
      const words = `${owed} owed, ${mailsQueued} mails, ${thumbnailsPending} thumbnails`
      progress.update(most - left, most, isDrained(figures) ? '' : words)
    },
  }
}

/** Reads what became of the tickets, unless the server went away before or does meanwhile. */
async function learn(after: Pipeline | undefined, read: () => Promise<Learned>): Promise<Learned | string> {
  if (after === undefined) return 'the server was gone'
  try {
    return await read()
  } catch (error) {
    if (isServersDoing(error)) return error.message
    throw error
  }
}
