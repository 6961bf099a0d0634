/** Somebody who can be mentioned: may read the message, and is active. */
export interface Mentionable {
  id: number
  name: string
  firstName: string
  /** The whole address. */
  email: string
}

/** An `@` before a word, and not behind what makes it part of a mail address, a path or another word. */
const START = /(?<![\p{L}\p{M}\p{N}_+\-/@])@(?=[\p{L}\p{M}\p{N}_])/gu
const WORD = /[\p{L}\p{M}\p{N}_]+/uy
/** What shows that a name goes on behind what was read of it: `@ann` in `@ann.lee`, `@anna` or `@ann@example.com`. */
const GOES_ON = /[.\-+@]?[\p{L}\p{M}\p{N}_]/uy

/**
 * Who is mentioned in a text: `@` with a full name, the local part of an address, or a first name that only one of these
 * people has; in any case. Where several fit the longest is meant, so `@Ann Lee` is not Ann Ray. A full name or local part
 * that several people have means all of them.
 * @returns ids, each once
 */
export function findMentions(text: string, people: readonly Mentionable[]): Set<number> {
  const folded = fold(text)
  const handles = handlesOf(people)
  const lengths = lengthsByWord(handles.keys())
  const mentioned = new Set<number>()
  for (const { index } of folded.matchAll(START)) {
    const at = index + 1
    const length = lengths
      .get(matchAt(WORD, folded, at))
      ?.find((each) => handles.has(folded.slice(at, at + each)) && !matchAt(GOES_ON, folded, at + each))
    if (length === undefined) continue
    for (const id of handles.get(folded.slice(at, at + length)) ?? []) mentioned.add(id)
  }
  return mentioned
}

/** Whether a text may mention anybody; asking who could be costs a query. */
export function mayMention(text: string): boolean {
  return text.search(START) >= 0
}

/** As texts are compared: case, composed accents and the kind and number of spaces make no difference. */
function fold(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\S\n]+/g, ' ')
}

/** Whom every handle names: nobody, where it is a first name of several people. */
function handlesOf(people: readonly Mentionable[]): Map<string, number[]> {
  const firstNames = [...idsBy(people, (each) => each.firstName)]
  // What comes later wins where two kinds are the same text.
  return new Map([
    ...firstNames.map(([text, ids]) => [text, ids.length > 1 ? [] : ids] as const),
    ...idsBy(people, (each) => each.email.slice(0, each.email.lastIndexOf('@'))),
    ...idsBy(people, (each) => each.name),
  ])
}

/** The lengths of the handles that begin with a word, the longest first: far fewer than handles. */
function lengthsByWord(handles: Iterable<string>): Map<string, number[]> {
  const groups = grouped([...handles], (handle) => matchAt(WORD, handle, 0))
  const lengthsOf = (texts: string[]) => [...new Set(texts.map((text) => text.length))]
  return new Map([...groups].map(([word, texts]) => [word, lengthsOf(texts).sort((a, b) => b - a)]))
}

function idsBy(people: readonly Mentionable[], textOf: (person: Mentionable) => string) {
  const found = grouped(people, (person) => fold(textOf(person)).trim())
  return new Map([...found].map(([text, those]) => [text, those.map((person) => person.id)]))
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

/** What a sticky expression matches there; empty for nothing. */
function matchAt(expression: RegExp, text: string, at: number): string {
  expression.lastIndex = at
  return expression.exec(text)?.[0] ?? ''
}
