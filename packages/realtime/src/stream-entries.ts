/** What a stream of Redis holds. */
export type StreamEntry = [id: string, fields: string[]]

/** The entries that XREAD answered of one stream: RESP3's map from key to entries comes as one list, RESP2's answer as a list of pairs. */
export function entriesOf(answer: unknown): StreamEntry[] {
  const [first, second] = (answer ?? []) as
    | [string, StreamEntry[]]
    | [[string, StreamEntry[]], undefined]
    | []
  if (typeof first === 'string') return second ?? []
  return first?.[1] ?? []
}
