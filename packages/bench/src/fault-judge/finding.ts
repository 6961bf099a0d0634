/** One thing that is wrong, and when it was asked for (milliseconds since 1970), where that is known. */
export interface Wrong {
  what: string
  at: number | undefined
}

/** What one look at the end showed. */
export interface Finding {
  /** What was counted, in a few words. */
  check: string
  counted: number
  lost: Wrong[]
  doubled: Wrong[]
  /** Neither a loss nor a double, and worth knowing. */
  note?: string
}

/** A row of the database that is wrong. */
export interface WrongRow {
  what: string
  /** Milliseconds since 1970, or null. */
  at: number | null
}

export const wrongs = (rows: readonly WrongRow[]): Wrong[] =>
  rows.map(({ what, at }) => ({ what, at: at ?? undefined }))
