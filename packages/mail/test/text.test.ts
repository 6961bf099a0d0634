import fc from 'fast-check'
import t from 'tap'
import { cleanText, excerpt, oneLine, wrap } from '../src/text.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom('word', ' ', '\n', '\r\n', '\t', '\0', '\u2028', '\u202e', 'é'),
    maxLength: 200,
  }),
)

t.test('one line', async (t) => {
  t.equal(oneLine('Printer\r\nBcc: everybody@example.com'), 'Printer Bcc: everybody@example.com')
  t.equal(oneLine('  a \t\v b\u2028c\u0000 '), 'a b c')
  t.equal(oneLine('pay\u202etnuocca'), 'paytnuocca')
  fc.assert(fc.property(anyText, (text) => !/[\p{Cc}\u2028\u2029\u202a-\u202e]/u.test(oneLine(text))))
})

t.test('clean text keeps its lines', async (t) => {
  t.equal(cleanText('a\r\nb\rc\n\n\n\nd\te\0\x1b[31m'), 'a\nb\nc\n\nd    e[31m')
  fc.assert(fc.property(anyText, (text) => !/[^\P{Cc}\n]/u.test(cleanText(text))))
})

t.test('excerpts', async (t) => {
  t.equal(excerpt('short', 5), 'short')
  t.equal(excerpt('the quick brown fox', 17), 'the quick brown…')
  t.equal(excerpt('Donaudampfschifffahrt', 10), 'Donaudamp…')
  t.equal(excerpt('😀😀😀', 2), '😀…', 'characters are not split')
  fc.assert(
    fc.property(
      anyText,
      fc.integer({ min: 1, max: 50 }),
      (text, limit) => [...excerpt(text, limit)].length <= limit,
    ),
  )
})

t.test('wrapping', async (t) => {
  t.equal(wrap('aaa bbb ccc', 7), 'aaa bbb\nccc')
  t.equal(wrap('aaa bbb\n\nccc', 5, '> '), '> aaa\n> bbb\n>\n> ccc')
  const address = `https://example.com/${'x'.repeat(90)}`
  t.equal(wrap(`see ${address} now`, 20), `see\n${address}\nnow`, 'an address stays whole')
})

t.test('wrapped lines are short enough, and no word is lost or added', async () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 25 }))
  fc.assert(
    fc.property(words, fc.integer({ min: 10, max: 72 }), (list, width) => {
      const wrapped = wrap(list.join(' '), width, '> ')
      const lines = wrapped.split('\n').map((line) => line.replace(/^> ?/, ''))
      const fits = lines.every((line) => line.length + 2 <= width || !line.includes(' '))
      return fits && lines.join(' ').trim() === list.join(' ')
    }),
  )
})
