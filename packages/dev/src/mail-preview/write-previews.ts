import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAIL_TEMPLATES, type MailTemplate, renderMail } from '@servicedesk/mail'
import { MAIL_SAMPLES, SAMPLE_BRAND } from '@servicedesk/mail/samples'

/**
 * Writes every mail with sample data as `<template>.html` and `<template>.txt`, and an index.html that shows them, into
 * a folder that it makes where there is none.
 * @returns how many mails there are
 */
export function writePreviews(folder: string): number {
  mkdirSync(folder, { recursive: true })
  const entries = MAIL_TEMPLATES.map((template) => writePreview(folder, template))
  writeFileSync(join(folder, 'index.html'), page(entries.join('\n')))
  return entries.length
}

/** Answers the mail's part of the index. */
function writePreview<T extends MailTemplate>(folder: string, template: T): string {
  const { subject, text, html } = renderMail(template, MAIL_SAMPLES[template], SAMPLE_BRAND)
  writeFileSync(join(folder, `${template}.html`), html)
  writeFileSync(join(folder, `${template}.txt`), `Subject: ${subject}\n\n${text}`)
  return `<section>
<h2>${template}</h2>
<p>${subject.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}<br>
<a href="${template}.html">HTML</a> <a href="${template}.txt">text</a></p>
<iframe src="${template}.html" title="${template}" loading="lazy"></iframe>
</section>`
}

function page(sections: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Mails of ServiceDesk</title>
<style>
body{margin:24px;font-family:system-ui,sans-serif;color-scheme:light dark}
main{display:flex;flex-wrap:wrap;gap:24px}
section{width:390px;max-width:100%}
iframe{width:100%;height:640px;border:1px solid #888}
</style>
</head>
<body>
<h1>Mails</h1>
<main>
${sections}
</main>
</body>
</html>
`
}
