import { createTestDatabase } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import t from 'tap'
import { parseSearch } from '../../src/search/parse-search.ts'

const database = await createTestDatabase(2)
const { db } = database
t.teardown(() => database.drop())

/** As many characters as the API takes. */
const LONGEST = 500

/** What PostgreSQL makes of it: whether `text` has it, and how it writes it without beginnings. */
async function asked(q: string, text = '') {
  const { tsquery, indexQuery } = await parseSearch(db, q)
  const [row] = await db.execute<{ matches: boolean; indexed: boolean; exact: string }>(sql`
    SELECT words @@ ${tsquery}::tsquery AS matches, words @@ ${indexQuery}::tsquery AS indexed,
      replace(${tsquery}, ':*', '')::tsquery::text AS exact FROM to_tsvector('english', ${text}) words`)
  if (row === undefined) throw new Error('no row')
  return row
}

t.test('runs of signs and words, as long as may be typed, are no error', async (t) => {
  const units = [
    '- ',
    '-',
    '" ',
    '"',
    '-"',
    'or ',
    'x or ',
    '-x ',
    '-or ',
    '! ',
    '!x',
    '(',
    '((x',
    '& ',
    '| ',
    'x-',
  ]
  units.push('x ', "'", "x'", '\\', ':*', '<-> ', 'x_', '/', 'x/', 'x.', '@x', '🙂', '\ud800', '\u00a0', "-'")
  for (const unit of units) {
    const run = unit.repeat(LONGEST / unit.length)
    for (const q of [run, `printer ${run}`.slice(0, LONGEST), `${run.slice(0, 490)} laptop`]) {
      await t.resolves(asked(q, 'printer'), `${unit} as a run`)
    }
  }
  t.match(await asked('printer -------------------------------- laptop', 'printer, laptop'), {
    matches: true,
  })
})

t.test('no text at all is an error', async () => {
  const sign = fc.constantFrom(
    ...'-"!&|()<>:*\\\'_/.@#%$ \t\n\u00a0',
    'or ',
    ' or ',
    ' -',
    '<->',
    'x',
    'é',
    '7',
    '🙂',
  )
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: sign, maxLength: LONGEST }) },
    fc.string({ unit: 'binary', maxLength: LONGEST }),
  )
  await fc.assert(
    fc.asyncProperty(text, async (q) => {
      await asked(q.replaceAll('\u0000', ''), 'x y z')
    }),
    { numRuns: 300 },
  )
})

t.test('without beginnings it means what PostgreSQL’s own reading of it does', async (t) => {
  const plain = fc.constantFrom('printer', 'vpn', 'the', "o'neil", 'foo_bar', 'a')
  // These are asked for in another way, unless they are meant word for word.
  const compound = fc.constantFrom('win-10', 'wi-fi', 'state-of-the-art', 'x.example/y')
  const word = fc.oneof(plain, compound)
  const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => `"${words.join(' ')}"`)
  const term = fc.oneof(
    plain,
    phrase,
    fc.oneof(word, phrase).map((each) => `-${each}`),
  )
  const query = fc.array(fc.oneof({ weight: 4, arbitrary: term }, fc.constantFrom('or', 'OR')), {
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(query, async (terms) => {
      const q = terms.join(' ')
      const [own] = await db.execute<{ exact: string }>(
        sql`SELECT websearch_to_tsquery('english', ${q})::text AS exact`,
      )
      return (await asked(q)).exact === own?.exact
    }),
    { numRuns: 200 },
  )
  t.match(await asked('cannot reach printer - 2nd floor', 'I cannot reach the printer on the 2nd floor'), {
    matches: true,
  })
  t.match(await asked('git --force', 'git push --force'), { matches: true }, 'the name of an option')
  t.match(
    await asked('http://desk.example/a', 'It is at http://desk.example/a now'),
    { matches: true },
    'a link',
  )
})

t.test('each beginning of a word finds it, however many parts it has', async (t) => {
  const words = [
    'wi-fi',
    'e-mail',
    "o'neil",
    'foo_barbaz',
    'state-of-the-art',
    'x-ray',
    'self-service',
    'win-10',
  ]
  words.push(
    'router',
    'foo_wi-fi',
    'désk-é',
    'desk.example/path-to',
    'r&d-team',
    'multi-factor_login',
    'pc-4711b',
  )
  for (const word of words) {
    for (let length = 1; length <= word.length; length += 1) {
      const typed = word.slice(0, length)
      const { exact, matches, indexed } = await asked(typed, `It is about ${word} again`)
      if (exact !== '') t.same({ matches, indexed }, { matches: true, indexed: true }, typed)
    }
  }
})

t.test('phrases and what is excluded stay word for word', async (t) => {
  const text = 'The wi-fi of O’Hara, e-mail and foo_barbaz: the printer'
  for (const [q, matches] of [
    ['wi-f', true],
    ['foo_bar', true],
    ['foo_baz', false],
    ['"wi-fi"', true],
    ['"wi-f"', false],
    ['"foo_bar"', false],
    ['print', true],
    ['"print"', false],
    ['"printers"', true],
    ['printer -wi-f', true],
    ['printer -wi-fi', false],
    ['printer -"foo_bar"', true],
  ] as const) {
    t.equal((await asked(q, text)).matches, matches, q)
  }
})
