import type { Block, Brand, MailDocument, Part } from './document.ts'
import { webAddress } from './html.ts'
import { cleanText, oneLine, wrap } from './text.ts'

// What plain-text mail has kept to since terminals: 72 columns leave room to be quoted.
const WIDTH = 72

/** The document as plain text, complete and readable without the HTML. */
export function renderText(document: MailDocument, brand: Brand): string {
  const parts = [
    wrap(oneLine(document.heading), WIDTH),
    wrap(`Hello ${oneLine(document.recipientName)},`, WIDTH),
    ...document.blocks.map(blockText),
    `-- \n${wrap(smallPrint(document, brand), WIDTH)}`,
    ...(document.isOptional ? [`Choose what is mailed to you:\n${webAddress(brand.preferencesUrl)}`] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The small print of both forms. */
export function smallPrint({ reason }: MailDocument, { productName }: Brand): string {
  return `${reason} This mail was sent automatically by ${oneLine(productName)}; replies to it are not read.`
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'ticket':
      return wrap(
        `${oneLine(block.ref)}: ${oneLine(block.title)}${priorityText(block.priority)}`,
        WIDTH,
        '  ',
      )
    case 'entry': {
      const time = block.time === null ? '' : `, ${oneLine(block.time)}`
      return [wrap(`* ${oneLine(block.label)}${time}`, WIDTH), ...block.parts.map(partText)].join('\n')
    }
    case 'action':
      return `${wrap(`${oneLine(block.label)}:`, WIDTH)}\n${webAddress(block.url)}`
    default:
      return partText(block)
  }
}

function partText(part: Part): string {
  switch (part.kind) {
    case 'paragraph':
      return wrap(oneLine(part.text), WIDTH)
    case 'facts':
      return factsText(part.rows)
    case 'quote': {
      const above = part.label === null ? '' : `${wrap(`${oneLine(part.label)}:`, WIDTH)}\n`
      return `${above}${wrap(cleanText(part.text), WIDTH, '> ')}`
    }
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
