/** What one request asked for and what came of it. Instants are milliseconds since 1970. */
export interface Write {
  kind: 'ticket' | 'message' | 'upload' | 'resolve'
  /** In the row's text, so that it can be found also when no answer came. For an upload, the file's name. */
  marker: string
  /** The ticket that it is about; for a new one, known when it is acknowledged. */
  ticketId: number | undefined
  /** What was acknowledged, word for word: the text, or the file's SHA-256. */
  content: string
  sentAt: number
  outcome: 'pending' | 'acknowledged' | 'refused' | 'unanswered'
  answeredAt: number | undefined
  /** The id in the answer: of the ticket, the message or the file. */
  id: string | undefined
  /** Why it was refused. */
  reason: string | undefined
}

/** Everything that was asked of the system, in memory of the one process that nobody kills. */
export interface Journal {
  writes: Write[]
  /** Attempts that failed and were made again, by reason. */
  retries: Map<string, number>
  begin(write: Pick<Write, 'kind' | 'marker' | 'ticketId' | 'content'>): Write
}

export function createJournal(): Journal {
  const writes: Write[] = []
  return {
    writes,
    retries: new Map(),
    begin(write) {
      const begun: Write = {
        ...write,
        sentAt: Date.now(),
        outcome: 'pending',
        answeredAt: undefined,
        id: undefined,
        reason: undefined,
      }
      writes.push(begun)
      return begun
    },
  }
}
