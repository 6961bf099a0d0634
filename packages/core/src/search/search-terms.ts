/** One thing that somebody looks for: a word, or what stands in double quotes. */
export interface SearchTerm {
  text: string
  /** Meant word for word. */
  isPhrase: boolean
  /** What has it is not wanted. */
  isExcluded: boolean
}

/** What is in quotes, of which the last may be left open, or what stands between blanks, quotes and signs of logic. */
const TERM = /(-?)"([^"]*)"?|[^\s"!&|()]+/gu

/**
 * Takes apart what a person typed, as `websearch_to_tsquery` does: alternatives, of which one must have all its terms. One
 * dash right before a word or a quote excludes it; alone it is a dash, and `--force` is the name of an option. PostgreSQL
 * would turn the meaning around with each, and gives up at 32 of them.
 */
export function searchTerms(text: string): SearchTerm[][] {
  const alternatives: SearchTerm[][] = []
  let terms: SearchTerm[] = []
  for (const [typed, dash, phrase] of text.matchAll(TERM)) {
    if (typed.toLowerCase() === 'or') {
      alternatives.push(terms)
      terms = []
      continue
    }
    terms.push({
      text: phrase?.replace(/\s+/g, ' ') ?? typed.replace(/^-+/, ''),
      isPhrase: phrase !== undefined,
      isExcluded: dash === '-' || (phrase === undefined && /^-[^-]/u.test(typed)),
    })
  }
  return [...alternatives, terms]
}
