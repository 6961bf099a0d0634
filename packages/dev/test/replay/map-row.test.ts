import fc from 'fast-check'
import t from 'tap'
import { DESCRIPTION_LIMIT, mapRow, TITLE_LIMIT } from '../../src/replay/map-row.ts'

const EMPTY = { line: 2, title: '', body: '', category: '', urgency: '', impact: '' }
const lengthOf = (text: string) => [...text].length

t.test('an empty title takes the first 80 characters of the body', async (t) => {
  const letters = Array.from({ length: 100 }, (_, index) => String.fromCharCode(97 + (index % 26))).join('')
  t.equal(mapRow({ ...EMPTY, body: letters }).title, letters.slice(0, 80))
  t.equal(mapRow({ ...EMPTY, title: ' \t', body: 'Short body' }).title, 'Short body')
  const words = 'seventy nine characters and then a long word '.repeat(3)
  t.equal(mapRow({ ...EMPTY, body: words }).title, words.slice(0, 80).trim())
  t.equal(mapRow({ ...EMPTY, body: 'two\n\nlines' }).title, 'two lines', 'a title is one line')
  t.equal(mapRow({ ...EMPTY, body: '😀'.repeat(90) }).title, '😀'.repeat(80), 'no character is cut in two')
  t.equal(mapRow({ ...EMPTY, title: 'Its own', body: letters }).title, 'Its own')
})

t.test('texts fit the API, and short ones are as they are', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ maxLength: 300 }),
      (title, body) => {
        const made = mapRow({ ...EMPTY, title, body: body.repeat(100) })
        const isShort = lengthOf(body.repeat(100)) <= DESCRIPTION_LIMIT
        return (
          lengthOf(made.title) <= TITLE_LIMIT &&
          lengthOf(made.description) <= DESCRIPTION_LIMIT &&
          (isShort ? made.description === body.repeat(100) : made.description.endsWith('…'))
        )
      },
    ),
    { numRuns: 200 },
  )
})

t.test('ranks become priorities by their sum', async (t) => {
  const priorities = ['Critical', 'Critical', 'Critical', 'High', 'High', 'Medium', 'Medium', 'Low']
  for (const [urgency, impact] of [0, 1, 2, 3].flatMap((u) => [0, 1, 2, 3, 4].map((i) => [u, i] as const))) {
    const { priority } = mapRow({ ...EMPTY, urgency: String(urgency), impact: String(impact) })
    t.equal(priority, priorities[urgency + impact], `${urgency} + ${impact}`)
  }
  for (const urgency of ['', 'high', '-1', '1.5', '1e2']) {
    t.notOk('priority' in mapRow({ ...EMPTY, urgency, impact: '1' }), `"${urgency}" is left to the API`)
  }
})

t.test('numbers become categories', async (t) => {
  t.equal(mapRow({ ...EMPTY, category: '4' }).category, 'Access')
  t.equal(mapRow({ ...EMPTY, category: ' 5 ' }).category, 'Hardware')
  for (const category of ['99', 'constructor']) t.equal(mapRow({ ...EMPTY, category }).category, 'Other')
  t.notOk('category' in mapRow(EMPTY))
})
