import { randomUUID } from 'node:crypto'
import { readLoads } from './agents.ts'
import { isServersDoing } from './api-errors.ts'
import { begin } from './begin.ts'
import { createCaller } from './caller.ts'
import type { Deps } from './deps.ts'
import { findExtras } from './find-extras.ts'
import type { ReplayOptions } from './options.ts'
import { listPhotos } from './photos.ts'
import { isDrained, type Pipeline, waitForDrain } from './pipeline.ts'
import { postTickets } from './post-tickets.ts'
import type { Progress, StartProgress } from './progress.ts'
import { readFates } from './read-fates.ts'
import { readRows } from './read-rows.ts'
import { type Learned, type Summary, summarise } from './summary.ts'

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
  const photos = options.attach === undefined ? [] : listPhotos(options.attach)
  const retries = new Map<string, number>()
  let shown: Progress | undefined
  const call = createCaller(options.api, deps, (reason) => {
    retries.set(reason, (retries.get(reason) ?? 0) + 1)
    shown?.note(`${reason}, trying again`)
  })
  const { admin, requester, before, newest } = await begin(call, options)
  // What the wait for a server that was still starting took is no part of the story.
  retries.clear()

  shown = startProgress('Sending', rows.length)
  const begun = deps.now()
  let done = 0
  const posted = await postTickets(requester, rows, deps, {
    photos,
    rate: options.rate,
    runId: randomUUID(),
    onDone: () => shown?.update(++done, rows.length),
  })
  shown.end()
  const sent = deps.now()

  const drain = showDrain(startProgress)
  shown = drain
  const after = await waitForDrain(admin.call, deps, options.timeoutSeconds * 1_000, drain.show)
  shown.end()
  const drained = deps.now()

  const created = posted.filter((each) => each.kind === 'created')
  const reading = startProgress('Reading', created.length)
  shown = reading
  const learned = await learn(after, async () => {
    let read = 0
    const fates = await readFates(admin.call, created, () => reading.update(++read, created.length))
    const extras = await findExtras(admin.call, requester.userId, newest, posted)
    return { fates, extras, loads: await readLoads(admin.call) }
  })
  shown.end()
  return summarise({
    file: options.file,
    api: options.api,
    posted,
    sendingSeconds: (sent - begun) / 1_000,
    drainingSeconds: (drained - sent) / 1_000,
    retries,
    before,
    after,
    learned,
  })
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
