import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { repositoryRoot } from '../../src/config.ts'
import { parseRows, readRows } from '../../src/replay/read-rows.ts'
import { csvFile, folder } from '../helpers/run-replay.ts'

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`

t.test('any cells come back as they were, with the line that each row begins at', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', '\r\n', ' ', '\t', ';') })
  const row = fc.record({ title: cell, body: cell, extra: cell, isLong: fc.boolean(), blanks: fc.nat(2) })
  const break_ = fc.constantFrom('\n', '\r\n')
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), break_, fc.boolean(), (rows, eol, hasBom) => {
      let text = `${hasBom ? '\uFEFF' : ''}Title, BODY${eol}`
      const expected = rows.map(({ title, body, extra, isLong, blanks }) => {
        text += eol.repeat(blanks)
        // The oracle counts what stands before the row.
        const line = text.split('\n').length
        // A column too many belongs to no member, but its lines count.
        text += [title, body, ...(isLong ? [extra] : [])].map(quoted).join(',') + eol
        return { line, title, body, category: '', urgency: '', impact: '' }
      })
      const actual = parseRows(text)
      return JSON.stringify(actual) === JSON.stringify(expected)
    }),
    { numRuns: 300 },
  )
})

t.test('columns by name, in any order and case; the rest is empty', async (t) => {
  const text = 'Impact,ignored,BODY,title,urgency,category\n4,x,The body,The title,3,5\n'
  t.same(parseRows(text), [
    { line: 2, title: 'The title', body: 'The body', category: '5', urgency: '3', impact: '4' },
  ])
  t.same(parseRows('title,body\nonly a title\n'), [
    { line: 2, title: 'only a title', body: '', category: '', urgency: '', impact: '' },
  ])
  t.same(parseRows('title,body\n'), [])
})

t.test('the first rows only', async (t) => {
  const text = `title,body\n${'a,b\n'.repeat(10)}`
  t.equal(parseRows(text, 3).length, 3)
  t.equal(parseRows(text, 50).length, 10)
})

t.test('what is no file of tickets is one sentence', async (t) => {
  const cases: [string, RegExp][] = [
    [csvFile(t, 'name,text\na,b\n'), /must name the columns title and body; title and body are missing$/],
    [csvFile(t, 'title,text\na,b\n'), /body is missing$/],
    [csvFile(t, 'title,body\n"never closed,b\n'), /is no file of tickets/],
    [folder(t), /cannot be read/],
    [join(folder(t), 'none.csv'), /cannot be read: ENOENT/],
  ]
  for (const [file, message] of cases) t.throws(() => readRows(file), { name: 'UserError', message })
})

t.test('the bundled sample is read, and says whose it is', async (t) => {
  const samples = join(repositoryRoot, 'packages/dev/samples')
  const rows = readRows(join(samples, 'tickets.csv'))
  t.equal(rows.length, 40)
  t.same(
    rows.map(({ line }) => line),
    Array.from({ length: 40 }, (_, index) => index + 2),
  )
  t.ok(
    rows.some(({ title }) => title === ''),
    'with a title missing',
  )
  t.ok(
    rows.some(({ body }) => body.length < 10),
    'and a body that is too short',
  )
  const attribution = readFileSync(join(samples, 'ATTRIBUTION.md'), 'utf8')
  for (const words of [
    'support-tickets-classification',
    'Endava',
    'MIT License',
    'Copyright (c) 2018 Karol',
  ]) {
    t.ok(attribution.includes(words), words)
  }
})
