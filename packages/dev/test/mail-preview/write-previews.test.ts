import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAIL_TEMPLATES, renderMail } from '@servicedesk/mail'
import { MAIL_SAMPLES } from '@servicedesk/mail/samples'
import t from 'tap'
import { writePreviews } from '../../src/mail-preview/write-previews.ts'

t.test('every mail is written in both forms, with an index of them', async (t) => {
  const folder = join(t.testdir(), 'new', 'folder')
  t.equal(writePreviews(folder), MAIL_TEMPLATES.length)
  const index = readFileSync(join(folder, 'index.html'), 'utf8')
  for (const template of MAIL_TEMPLATES) {
    t.match(readFileSync(join(folder, `${template}.html`), 'utf8'), /^<!doctype html>/, template)
    t.match(readFileSync(join(folder, `${template}.txt`), 'utf8'), /^Subject: \S.*\n\n\S/, template)
    t.ok(index.includes(`src="${template}.html"`), template)
  }
  t.equal(readdirSync(folder).length, 2 * MAIL_TEMPLATES.length + 1)
  writePreviews(folder)
  t.ok(existsSync(folder), 'and once more over the first')
})

t.test('a template without sample data is missed', async (t) => {
  t.strictSame(Object.keys(MAIL_SAMPLES).sort(), MAIL_TEMPLATES.toSorted())
  const brand = { productName: 'Desk', preferencesUrl: 'https://desk.example.com/' }
  // @ts-expect-error: leaving a template's sample out does not compile, and fails
  const samples: typeof MAIL_SAMPLES = { ...MAIL_SAMPLES, mention: undefined }
  t.throws(() => renderMail('mention', samples.mention, brand), TypeError)
})
