// The bytes that no text has: those of the WHATWG MIME Sniffing standard ("binary data byte") without bell, backspace
// and vertical tab, which consoles and devices leave in their logs, and without the end of file of DOS at the end.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const BINARY = /[\x00-\x06\x0e-\x19\x1c-\x1f]|\x1a(?!$)/

/**
 * The start of a file as text, or undefined when it is not text. Text is UTF-8, UTF-16 with a byte order mark,
 * or else a single-byte encoding, without control characters. A character cut off at the end is forgiven.
 */
export function decodeTextHead(head: Uint8Array): string | undefined {
  const text = decode(head, encodingOf(head)) ?? decode(head, 'latin1')
  return text === undefined || BINARY.test(text) ? undefined : text
}

function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return 'utf-8'
}

function decode(head: Uint8Array, encoding: string): string | undefined {
  try {
    // `stream` keeps an incomplete last character back instead of failing on it.
    return new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true })
  } catch {
    return undefined
  }
}

// What may stand before the root element, besides a document type: white space, processing instructions (the XML
// declaration is written like one) and comments.
const PROLOGUE = /^(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)/

/** Whether the root element of a markup document is `svg`, whatever comes before it and whatever its prefix. */
export function hasSvgRoot(text: string): boolean {
  let rest = text.replace(/^\ufeff/, '')
  for (let length = prologueLength(rest); length > 0; length = prologueLength(rest)) rest = rest.slice(length)
  return /^<(?:[\w.-]+:)?svg[\s/>]/i.test(rest)
}

function prologueLength(text: string): number {
  return PROLOGUE.exec(text)?.[0].length ?? (/^<!doctype/i.test(text) ? doctypeLength(text) : 0)
}

/** What runs to an end of its own inside a document type, whatever stands in it. */
const ENCLOSED = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['"', '"'],
  ["'", "'"],
] as const

/** Length of the document type at the start of `text`, internal subset included; 0 when it has no end. */
function doctypeLength(text: string): number {
  let isInSubset = false
  for (let at = '<!doctype'.length; at < text.length; at++) {
    const enclosed = ENCLOSED.find(([start]) => text.startsWith(start, at))
    if (enclosed) {
      const [start, end] = enclosed
      const found = text.indexOf(end, at + start.length)
      if (found === -1) return 0
      at = found + end.length - 1
    } else if (text[at] === '[') isInSubset = true
    else if (text[at] === ']') isInSubset = false
    else if (text[at] === '>' && !isInSubset) return at + 1
  }
  return 0
}
