import type { Block, Brand, MailDocument, Part } from './document.ts'
import { type Html, html, webAddress } from './html.ts'
import { COLOURS, DARK_STYLES, FONT, priorityColour } from './html-styles.ts'
import { smallPrint } from './render-text.ts'
import { cleanText, oneLine } from './text.ts'

const { accent: ACCENT, faint: FAINT, ink: INK, line: LINE, paper: PAPER } = COLOURS

/**
 * The document as an HTML page for mail programs, readable on a phone and without images. They know little CSS and often
 * no <style>, so everything is a table with inline styles and every colour is set; those that know dark mode find its
 * colours by class.
 */
export function renderHtml(document: MailDocument, brand: Brand): string {
  const top = `padding:0 0 14px;overflow-wrap:anywhere;border-bottom:2px solid ${ACCENT};font-size:15px;font-weight:600;color:${ACCENT}`
  const rows = [
    row(html`${oneLine(brand.productName)}`, top, 'accent'),
    row(
      html`<h1 class="ink" style="margin:0;font-size:22px;line-height:1.3;color:${INK}">${oneLine(document.heading)}</h1>`,
    ),
    row(html`Hello ${oneLine(document.recipientName)},`),
    ...document.blocks.map((block) => row(blockHtml(block))),
    row(
      footerHtml(document, brand),
      `padding:32px 0 0;font-size:13px;line-height:1.5;overflow-wrap:anywhere;color:${FAINT}`,
      'faint',
    ),
  ]
  const column = `max-width:560px;text-align:left;${FONT};font-size:16px;line-height:1.5;color:${INK}`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${oneLine(document.subject)}</title>
${DARK_STYLES}
</head>
<body class="paper" style="margin:0;padding:0;background:${PAPER};color:${INK}">
<div style="display:none;max-height:0;overflow:hidden">${oneLine(document.preview)}</div>
${table(`background:${PAPER}`, html`<tr><td align="center" style="padding:24px 16px">${table(column, rows, 'ink')}</td></tr>`, 'paper')}
</body>
</html>
`
  return page.toString()
}

function footerHtml(document: MailDocument, brand: Brand): Html {
  const print = smallPrint(document, brand)
  if (!document.isOptional) return html`${print}`
  const url = webAddress(brand.preferencesUrl)
  return html`${print}
<div style="padding:8px 0 0"><a href="${url}" class="faint" style="color:${FAINT}">Choose what is mailed to you</a></div>`
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'ticket':
      return ticketHtml(oneLine(block.ref), oneLine(block.title), block.priority)
    case 'entry':
      return entryHtml(oneLine(block.label), block.time, block.parts)
    case 'action':
      return actionHtml(oneLine(block.label), webAddress(block.url))
    default:
      return partHtml(block)
  }
}

function partHtml(part: Part): Html {
  switch (part.kind) {
    case 'paragraph':
      return html`${oneLine(part.text)}`
    case 'facts':
      return table('', part.rows.map(factHtml))
    case 'quote':
      return quoteHtml(part.label, part.text)
  }
}

/** A card with the ticket's number, priority and title. */
function ticketHtml(ref: string, title: string, priority: string | null): Html {
  const { name, colour } = priorityColour(priority)
  const card = `padding:14px 16px;border:1px solid ${LINE};border-left:4px solid ${colour};background:${PAPER};overflow-wrap:anywhere`
  const tag =
    priority !== null &&
    html` &nbsp;<strong class="${name}" style="color:${colour}">${oneLine(priority)}</strong>`
  const number = html`<div class="faint" style="font-size:14px;color:${FAINT}">${ref}${tag}</div>`
  const text = html`${number}<div class="ink" style="font-weight:600;color:${INK}">${title}</div>`
  return table('', row(text, card, `card ${name}-edge`))
}

/** One of several things: a line above it, then what and when, and what there is to say. */
function entryHtml(label: string, time: string | null, parts: readonly Part[]): Html {
  const when =
    time !== null && html`<div class="faint" style="font-size:13px;color:${FAINT}">${oneLine(time)}</div>`
  return table(
    `border-top:1px solid ${LINE}`,
    [
      row(
        html`<strong class="ink" style="color:${INK}">${label}</strong>${when}`,
        'padding:12px 0 0;overflow-wrap:anywhere',
      ),
      ...parts.map((part) => row(partHtml(part), 'padding:8px 0 0;overflow-wrap:anywhere')),
    ],
    'line',
  )
}

function factHtml([label, value]: readonly [string, string]): Html {
  const labelStyle = `padding:2px 16px 2px 0;font-size:14px;color:${FAINT};white-space:nowrap;vertical-align:baseline`
  return html`<tr><td class="faint" style="${labelStyle}">${label}</td>
<td class="ink" width="100%" style="padding:2px 0;vertical-align:baseline;color:${INK};overflow-wrap:anywhere">${oneLine(value)}</td></tr>
`
}

function quoteHtml(label: string | null, text: string): Html {
  const lines = cleanText(text)
    .split('\n')
    // Indented lines, such as those of a log, stay indented.
    .map((line) => line.replace(/^ +/, (spaces) => '\u00a0'.repeat(spaces.length)))
    .flatMap((line, index) => (index === 0 ? [line] : [html`<br>`, line]))
  const above =
    label !== null &&
    html`<div class="faint" style="padding:0 0 4px;font-size:14px;color:${FAINT}">${oneLine(label)}</div>`
  const style = `padding:2px 0 2px 14px;border-left:3px solid ${LINE};color:${INK};overflow-wrap:anywhere`
  return table('', row(html`${above}${lines}`, style, 'ink line'))
}

/** A button, with the address in small below for those whose program shows no buttons. */
function actionHtml(label: string, url: string): Html {
  const button = `display:inline-block;padding:12px 22px;background:${ACCENT};color:#ffffff;font-weight:600;text-decoration:none;border-radius:6px`
  return html`<a href="${url}" class="button" style="${button}">${label}</a>
<div class="faint" style="padding:10px 0 0;font-size:13px;color:${FAINT}">or open <a href="${url}" class="faint" style="color:${FAINT};overflow-wrap:anywhere;word-break:break-all">${url}</a></div>`
}

function table(style: string, rows: Html | readonly Html[], name = ''): Html {
  return html`<table class="${name}" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="${style}">
${rows}</table>`
}

function row(content: Html, style = 'padding:16px 0 0;overflow-wrap:anywhere', name = ''): Html {
  return html`<tr><td class="${name}" style="${style}">${content}</td></tr>
`
}
