// Marks that turn the direction of the text around them: with one in a ticket's title, a mail could seem to say
// something else.
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g

/** People's text on one line: no line breaks and other control characters, white space collapsed. */
export function oneLine(text: string): string {
  return text
    .replace(TURNING, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}

/**
 * Text for a header: one line in which nothing looks like an encoded word (RFC 2047), which mail programs would decode,
 * line breaks that it hides included.
 */
export function headerText(text: string): string {
  return oneLine(text).replaceAll('=?', '= ?')
}

/** People's text with its lines kept: line breaks as "\n", tabs as spaces, other control characters dropped. */
export function cleanText(text: string): string {
  return text
    .replace(TURNING, '')
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, '    ')
    .replace(/[^\P{Cc}\n]/gu, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** The first `limit` characters, cut between words where one ends in the last fifth, with "…" for the rest. */
export function excerpt(text: string, limit: number): string {
  const characters = [...text]
  if (characters.length <= limit) return text
  const cut = characters.slice(0, limit - 1).join('')
  const space = cut.search(/\s\S*$/)
  return `${(space > cut.length * 0.8 ? cut.slice(0, space) : cut).trimEnd()}…`
}

/**
 * Breaks lines between words so that none is longer than `width` characters, `prefix` included, which begins
 * every line. A word that is longer, such as an address, stays whole on a line of its own.
 */
export function wrap(text: string, width: number, prefix = ''): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width - prefix.length))
    .map((line) => `${prefix}${line}`.trimEnd())
    .join('\n')
}

function wrapLine(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  return [...lines, current]
}
