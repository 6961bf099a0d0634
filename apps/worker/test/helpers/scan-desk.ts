import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createLinkMaker } from '@servicedesk/api'
import type { Actor, StoredFile } from '@servicedesk/core'
import { alerts, attachments, emailDeliveries, outbox, ticketEvents } from '@servicedesk/db'
import { createStores } from '@servicedesk/files'
import { createTestDesk, startFakeClamd, until } from '@servicedesk/testing'
import { asc, eq, sql } from 'drizzle-orm'
import type { Test } from 'tap'

export interface WantedFile {
  extension?: 'jpg' | 'txt'
  by?: Actor
  messageId?: number
  /** What the store really has of it. */
  stored?: Buffer
}

/** A desk whose files a scripted clamd scans, with one ticket, and what tests ask of its files. */
export async function createScanDesk(t: Test) {
  const clamd = await startFakeClamd(t)
  const desk = await createTestDesk(t, { dispatch: true, config: { scanner: clamd.settings } })
  const stores = createStores(desk.config.storage)
  const store = stores.of(stores.current)
  const requester = await desk.person('Normal User')
  const ticket = await desk.core.tickets.create(requester, {
    title: 'Screen is black',
    description: 'It was fine yesterday evening.',
  })
  const link = createLinkMaker(desk.config)
  const photograph = await readFile(
    fileURLToPath(new URL('../../../../packages/files/test/fixtures/Landscape_6.jpg', import.meta.url)),
  )

  /** A stored file that no row names; a text of its own, or the photograph. */
  async function stored(wanted: WantedFile = {}): Promise<StoredFile> {
    const id = randomUUID()
    const isPicture = wanted.extension === 'jpg'
    const content = isPicture ? photograph : Buffer.from(`text ${id}`)
    const file: StoredFile = {
      id,
      filename: `${id}.${isPicture ? 'jpg' : 'txt'}`,
      extension: isPicture ? 'jpg' : 'txt',
      mimeType: isPicture ? 'image/jpeg' : 'text/plain',
      category: isPicture ? 'images' : 'documents',
      bytes: content.length,
      sha256: 'x'.repeat(64),
      store: stores.current,
      storageKey: `attachments/${id}/original`,
      isPicture,
      width: null,
      height: null,
    }
    await store.put(file.storageKey, wanted.stored ?? content)
    return file
  }

  const jobsOf = ({ id }: StoredFile, name: string) =>
    desk.db.select().from(outbox).where(sql`name = ${name} AND payload->>'attachment_id' = ${id}`)
  const get = (url: string, who = requester) =>
    desk.app.inject({ method: 'GET', url: `/api/v1${url}`, headers: desk.as(who) })

  return {
    clamd,
    desk,
    store,
    requester,
    ticket,
    photograph,
    stored,
    jobsOf,
    get,
    async attach(wanted: WantedFile = {}): Promise<StoredFile> {
      const file = await stored(wanted)
      await desk.core.files.attach(
        wanted.by ?? requester,
        { ticketId: ticket.id, messageId: wanted.messageId },
        [file],
      )
      return file
    },
    rowOf: async ({ id }: StoredFile) =>
      (await desk.db.select().from(attachments).where(eq(attachments.id, id)))[0]!,
    settled: (file: StoredFile, name = 'file.scan') =>
      until(`${name} to be settled`, async () => {
        const [row] = await jobsOf(file, name)
        return row !== undefined && (row.doneAt !== null || row.failedAt !== null) && row
      }),
    /** Waits for so many tries of a scan to have failed. */
    failed: (file: StoredFile, tries: number) =>
      until(`${tries} tries to fail`, async () => {
        const [row] = await jobsOf(file, 'file.scan')
        const job = await desk.queues.files.getJob(`o-${row!.id}`)
        return job !== undefined && job.attemptsMade >= tries && (await job.isDelayed()) && job
      }),
    eventsOf: ({ id }: StoredFile) =>
      desk.db
        .select()
        .from(ticketEvents)
        .where(eq(ticketEvents.attachmentId, id))
        .orderBy(asc(ticketEvents.seq)),
    /** Who was told of it. */
    told: async ({ filename }: StoredFile) =>
      (
        await desk.db
          .select()
          .from(alerts)
          .where(sql`starts_with(message, ${filename})`)
          .orderBy(asc(alerts.userId))
      ).map((row) => row.userId),
    mailed: async ({ filename }: StoredFile) =>
      (await desk.db.select().from(emailDeliveries).where(sql`params->>'filename' = ${filename}`)).map(
        (row) => [row.template, row.userId],
      ),
    /** What each way to its content answers: the route's status and code. */
    async ways(file: StoredFile) {
      const { pathname } = new URL(link(file))
      const answers = await Promise.all([
        ...['download', 'thumbnail', 'preview'].map((way) => get(`/files/${file.id}/${way}`)),
        desk.app.inject({ method: 'GET', url: pathname }),
      ])
      return answers.map((answer) => {
        const isJson = /json/.test(String(answer.headers['content-type']))
        return [answer.statusCode, isJson ? (answer.json().code ?? null) : null]
      })
    },
    /** How the ticket's list and its timeline show it. */
    async shown(file: StoredFile, who = requester) {
      const find = (url: string) =>
        get(url, who).then((answer) => answer.json().find((each: { id: unknown }) => each.id === file.id))
      return {
        inList: await find(`/files/ticket/${ticket.id}`),
        inTimeline: await find(`/messages/ticket/${ticket.id}/timeline`),
      }
    },
  }
}
