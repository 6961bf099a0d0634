import { collectLexemes } from '@servicedesk/core'
import { emit, type Handler, once } from '@servicedesk/jobs'
import type { HandlerDeps } from './deps.ts'

/** Adds the words of changed tickets; when that is more than one run may read, another is owed at once. */
export const handleCollectLexemes: Handler<'search.lexemes', HandlerDeps> = async (job, deps) => {
  const { tickets, more } = await collectLexemes(job.db, deps.clock.now())
  if (more) job.log.info({ tickets }, 'words collected')
  await once(job, async (tx) => {
    if (more) await emit(tx, 'search.lexemes', {})
  })
}
