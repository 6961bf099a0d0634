import type { SearchTerm } from './search-terms.ts'

/** A search as PostgreSQL runs it. */
export interface TextQuery {
  /** A `tsquery`: what was asked for, each plain word as the beginning of a word. Empty when there is nothing to find. */
  tsquery: string
  /**
   * One that finds all of that and maybe more, but leaves out beginnings that fit too many words to be read from an
   * index, where others narrow the search. `tsquery` has the last word.
   */
  indexQuery: string
}

/** A term with its lexemes, as `phraseto_tsquery` writes them: one, several in order, or none of words that mean nothing. */
export type ReadTerm = Omit<SearchTerm, 'text'> & { lexemes: string }

interface WrittenTerm {
  asked: string
  /** What the index is asked for instead. */
  index: string
  /** It is no more than a beginning that fits too many words. */
  isShort: boolean
  isWanted: boolean
}

/** Up to this length the beginning of a word fits too many words. */
const SHORT = 2
/** A lexeme, or how far behind the one before the next must be: `<->`, `<2>`. */
const TOKEN = /'(?:[^'\\]|''|\\.)*'|<(?:-|\d+)>/gs
/** A lexeme that is followed by those of its parts: `'wi-fi' <-> 'wi' <-> 'fi'`, `'a.example/b' <-> 'a.example' <-> '/b'`. */
const COMPOUND = /^'[^-/].*[-/]/s

/** `pc-47` ends with a negative number, `'pc' <-> '-47'`; but `pc-4711b` with `'4711b'`. */
const SIGN = /^'-(?=\d+'$)/

/**
 * Makes each word of a search the beginning of one; of a word that PostgreSQL takes apart, such as `e-mai` or `o'ne`, what
 * it ends with. Not in phrases, which are meant word for word, nor where words are excluded, because `-print` means no
 * printing, and `-pri` should not exclude what is private.
 */
export function textQuery(alternatives: readonly (readonly ReadTerm[])[]): TextQuery {
  const written = alternatives.map((terms) => terms.filter(({ lexemes }) => lexemes !== '').map(writeTerm))
  const joined = (name: 'asked' | 'index', some: WrittenTerm[][]) =>
    some
      .filter((terms) => terms.length > 0)
      .map((terms) => terms.map((term) => term[name]).join(' & '))
      .join(' | ')
  return { tsquery: joined('asked', written), indexQuery: joined('index', written.map(narrowed)) }
}

function writeTerm({ lexemes, isPhrase, isExcluded }: ReadTerm): WrittenTerm {
  const exactly = (text: string) => ({ asked: text, index: text, isShort: false, isWanted: !isExcluded })
  if (isExcluded) return exactly(`!( ${lexemes} )`)
  if (isPhrase) return exactly(lexemes)
  const tokens = lexemes.match(TOKEN) ?? []
  const last = lastWord(tokens)
  const word = tokens[last] ?? ''
  const unsigned = word.replace(SIGN, "'")
  const beginning = unsigned === word ? `${word}:*` : `( ${word}:* | ${unsigned}:* )`
  const asked = [...tokens.slice(0, last), beginning].join(' ')
  const isShort = lengthOf(unsigned) <= SHORT
  if (last === 0) return { asked, index: asked, isShort, isWanted: true }
  // What stands before a short beginning narrows the search.
  const index = isShort ? tokens.slice(0, last - 1).join(' ') : asked
  return { asked, index, isShort: false, isWanted: true }
}

/**
 * Which token ends with what was typed last: the last one, or the compound of which it is a part. Its parts need not be asked
 * for, and must not: `'state-o' <-> 'state' <-> 'o'` is the beginning of `'state-of-art' <-> 'state' <2> 'art'`.
 */
function lastWord(tokens: readonly string[]): number {
  let behind = 0
  for (let n = tokens.length - 3; n >= 0; n -= 2) {
    const [word, distance] = tokens.slice(n)
    behind += distance === '<->' ? 1 : Number(distance?.slice(1, -1))
    const parts = word?.split(/[-/]/).length ?? 0
    if (word !== undefined && COMPOUND.test(word) && behind <= parts) return n
  }
  return tokens.length - 1
}

/** Terms without short beginnings, if something that must be there is left. */
function narrowed(terms: WrittenTerm[]): WrittenTerm[] {
  const long = terms.filter(({ isShort }) => !isShort)
  return long.some(({ isWanted }) => isWanted) ? long : terms
}

/** How many characters a lexeme has: `'it''s'` four. */
function lengthOf(lexeme: string): number {
  return [...lexeme.slice(1, -1).replace(/''|\\./gs, '.')].length
}
