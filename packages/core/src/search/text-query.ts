/** A search as PostgreSQL runs it. */
export interface TextQuery {
  /** A `tsquery`: what was asked for, each plain word as the beginning of a word. Empty when there is nothing to find. */
  tsquery: string
  /**
   * One that finds all of that and maybe more, but leaves out beginnings that fit too many words to be read from an
   * index, where others narrow the search. `tsquery` has the last word.
   */
  indexQuery: string
  /** The plain words, each once: stems, without what is excluded and phrases. */
  words: readonly string[]
}

/** A lexeme, or an operator: `&`, `|`, `!`, `<->`, `<2>`, a parenthesis. */
interface Token {
  text: string
  isLexeme: boolean
}

/** Up to this length the beginning of a word fits too many words. */
const SHORT = 2
const TOKEN = /'((?:[^'\\]|''|\\.)*)'|<(?:-|\d+)>|[&|!()]/gs

/**
 * Makes each word of a search the beginning of one: not in phrases, which are meant word for word, nor where words are
 * excluded, because `-print` means no printing, and `-pri` should not exclude what is private.
 * @param parsed what `websearch_to_tsquery` made of it, as text
 */
export function textQuery(parsed: string): TextQuery {
  const tokens = [...parsed.matchAll(TOKEN)].map(([text, lexeme]) => ({
    text,
    isLexeme: lexeme !== undefined,
  }))
  const isPlain = plainWords(tokens)
  const written = (token: Token, n: number) => (isPlain[n] ? `${token.text}:*` : token.text)
  const words = tokens.filter((_, n) => isPlain[n]).map(({ text }) => unquoted(text))
  const tsquery = tokens.map(written).join(' ')
  return { tsquery, indexQuery: narrowed(tokens, isPlain, written) ?? tsquery, words: [...new Set(words)] }
}

/** Which tokens are words by themselves: neither excluded nor part of a phrase. */
function plainWords(tokens: readonly Token[]): boolean[] {
  let depth = 0
  return tokens.map((token, n) => {
    // PostgreSQL writes parentheses only around a phrase that is excluded.
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    const [before, after] = [tokens[n - 1]?.text ?? '', tokens[n + 1]?.text ?? '']
    return (
      token.isLexeme && depth === 0 && before !== '!' && !before.startsWith('<') && !after.startsWith('<')
    )
  })
}

/** The query without short beginnings, if something that must be there is left. */
function narrowed(
  tokens: readonly Token[],
  isPlain: readonly boolean[],
  written: (token: Token, n: number) => string,
): string | undefined {
  if (tokens.some(({ text }) => text === '|')) return undefined
  const terms: { text: string; isShort: boolean; isWanted: boolean }[] = []
  let start = 0
  for (let n = 0; n <= tokens.length; n += 1) {
    if (n < tokens.length && tokens[n]?.text !== '&') continue
    const [first] = tokens.slice(start, n)
    if (first === undefined) continue
    const text = tokens
      .slice(start, n)
      .map((token, k) => written(token, start + k))
      .join(' ')
    const isShort = isPlain[start] === true && [...unquoted(first.text)].length <= SHORT
    terms.push({ text, isShort, isWanted: first.text !== '!' })
    start = n + 1
  }
  const long = terms.filter(({ isShort }) => !isShort)
  return long.some(({ isWanted }) => isWanted) ? long.map(({ text }) => text).join(' & ') : undefined
}

/** `'it''s'` → `it's`. */
function unquoted(text: string): string {
  return text
    .slice(1, -1)
    .replace(/''|\\(.)/gs, (pair, escaped: string | undefined) => escaped ?? pair.slice(1))
}
