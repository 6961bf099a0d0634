import type { Block, MailDocument } from './document.ts'
import { type Html, html, webAddress } from './html.ts'
import { smallPrint } from './render-text.ts'
import { cleanText, oneLine } from './text.ts'

// Mail programs know little CSS and often no <style>: everything is a table with inline styles. Every colour is
// set, backgrounds included, so that a dark mode changes all of them or none.
const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif'
const INK = '#1f2937'
const FAINT = '#4b5563'
const NEUTRAL = '#6b7280'
const LINE = '#e5e7eb'
const PAPER = '#ffffff'
const ACCENT = '#1d4ed8'

const PRIORITY_COLOURS: Readonly<Record<string, string>> = {
  Critical: '#dc2626',
  High: '#ea580c',
  Medium: '#ca8a04',
  Low: '#16a34a',
}

/** The document as an HTML page for mail programs, readable on a phone and without images. */
export function renderHtml(document: MailDocument): string {
  const rows = [
    row(
      html`ServiceDesk`,
      `padding:0 0 14px;border-bottom:2px solid ${ACCENT};font-size:15px;font-weight:600;color:${ACCENT}`,
    ),
    row(
      html`<h1 style="margin:0;font-size:22px;line-height:1.3;color:${INK}">${oneLine(document.heading)}</h1>`,
    ),
    row(html`Hello ${oneLine(document.recipientName)},`),
    ...document.blocks.map((block) => row(blockHtml(block))),
    row(
      html`${smallPrint(document.reason)}`,
      `padding:32px 0 0;font-size:13px;line-height:1.5;color:${FAINT}`,
    ),
  ]
  const column = `max-width:560px;text-align:left;${FONT};font-size:16px;line-height:1.5;color:${INK}`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light">
<title>${oneLine(document.subject)}</title>
</head>
<body style="margin:0;padding:0;background:${PAPER};color:${INK}">
<div style="display:none;max-height:0;overflow:hidden">${oneLine(document.preview)}</div>
${table(`background:${PAPER}`, html`<tr><td align="center" style="padding:24px 16px">${table(column, rows)}</td></tr>`)}
</body>
</html>
`
  return page.toString()
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'paragraph':
      return html`${oneLine(block.text)}`
    case 'ticket':
      return ticketHtml(oneLine(block.ref), oneLine(block.title), block.priority)
    case 'facts':
      return table('', block.rows.map(factHtml))
    case 'quote':
      return quoteHtml(block.label, block.text)
    case 'action':
      return actionHtml(oneLine(block.label), webAddress(block.url))
  }
}

/** A card with the ticket's number, priority and title. */
function ticketHtml(ref: string, title: string, priority: string | null): Html {
  const colour = PRIORITY_COLOURS[priority ?? ''] ?? NEUTRAL
  const card = `padding:14px 16px;border:1px solid ${LINE};border-left:4px solid ${colour};background:${PAPER}`
  const tag = priority !== null && html` &nbsp;<strong style="color:${colour}">${oneLine(priority)}</strong>`
  const number = html`<div style="font-size:14px;color:${FAINT}">${ref}${tag}</div>`
  return table('', row(html`${number}<div style="font-weight:600;color:${INK}">${title}</div>`, card))
}

function factHtml([label, value]: readonly [string, string]): Html {
  const labelStyle = `padding:2px 16px 2px 0;font-size:14px;color:${FAINT};white-space:nowrap;vertical-align:baseline`
  return html`<tr><td style="${labelStyle}">${label}</td>
<td width="100%" style="padding:2px 0;vertical-align:baseline;color:${INK};overflow-wrap:anywhere">${oneLine(value)}</td></tr>
`
}

function quoteHtml(label: string, text: string): Html {
  const lines = cleanText(text)
    .split('\n')
    // Indented lines, such as those of a log, stay indented.
    .map((line) => line.replace(/^ +/, (spaces) => '\u00a0'.repeat(spaces.length)))
    .flatMap((line, index) => (index === 0 ? [line] : [html`<br>`, line]))
  const above = html`<div style="padding:0 0 4px;font-size:14px;color:${FAINT}">${oneLine(label)}</div>`
  return table(
    '',
    row(html`${above}${lines}`, `padding:2px 0 2px 14px;border-left:3px solid ${LINE};color:${INK}`),
  )
}

/** A button, with the address in small below for those whose program shows no buttons. */
function actionHtml(label: string, url: string): Html {
  const button = `display:inline-block;padding:12px 22px;background:${ACCENT};color:${PAPER};font-weight:600;text-decoration:none;border-radius:6px`
  return html`<a href="${url}" style="${button}">${label}</a>
<div style="padding:10px 0 0;font-size:13px;color:${FAINT}">or open <a href="${url}" style="color:${FAINT};overflow-wrap:anywhere;word-break:break-all">${url}</a></div>`
}

function table(style: string, rows: Html | readonly Html[]): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="${style}">
${rows}</table>`
}

function row(content: Html, style = 'padding:16px 0 0;overflow-wrap:anywhere'): Html {
  return html`<tr><td style="${style}">${content}</td></tr>
`
}
