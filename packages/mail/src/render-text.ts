import type { Block, MailDocument } from './document.ts'
import { webAddress } from './html.ts'
import { cleanText, oneLine, wrap } from './text.ts'

// What plain-text mail has kept to since terminals: 72 columns leave room to be quoted.
const WIDTH = 72

/** The document as plain text, complete and readable without the HTML. */
export function renderText(document: MailDocument): string {
  const parts = [
    wrap(oneLine(document.heading), WIDTH),
    wrap(`Hello ${oneLine(document.recipientName)},`, WIDTH),
    ...document.blocks.map(blockText),
    `-- \n${wrap(smallPrint(document.reason), WIDTH)}`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** The small print of both forms. */
export function smallPrint(reason: string): string {
  return `${reason} This mail was sent automatically by ServiceDesk; replies to it are not read.`
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return wrap(oneLine(block.text), WIDTH)
    case 'ticket':
      return wrap(
        `${oneLine(block.ref)}: ${oneLine(block.title)}${priorityText(block.priority)}`,
        WIDTH,
        '  ',
      )
    case 'facts':
      return factsText(block.rows)
    case 'quote':
      return `${wrap(`${oneLine(block.label)}:`, WIDTH)}\n${wrap(cleanText(block.text), WIDTH, '> ')}`
    case 'action':
      return `${wrap(`${oneLine(block.label)}:`, WIDTH)}\n${webAddress(block.url)}`
  }
}

function priorityText(priority: string | null): string {
  return priority === null ? '' : ` [${oneLine(priority)}]`
}

function factsText(rows: readonly (readonly [string, string])[]): string {
  const column = Math.max(0, ...rows.map(([label]) => label.length)) + 2
  return rows
    .map(([label, value]) => `  ${`${label}:`.padEnd(column)}${oneLine(value)}`)
    .map((line) => wrap(line, WIDTH))
    .join('\n')
}
