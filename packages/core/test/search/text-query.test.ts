import { editDistance, textQuery } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'
import { swapsOf } from '../../src/search/edit-distance.ts'

/** A query of terms as they are written here: `-` before one that is excluded, `=` before a phrase. */
const query = (...alternatives: string[][]) =>
  textQuery(
    alternatives.map((terms) =>
      terms.map((term) => ({
        lexemes: term.replace(/^[-=]/, ''),
        isPhrase: term.startsWith('='),
        isExcluded: term.startsWith('-'),
      })),
    ),
  )

t.test('plain words are beginnings of words; phrases and what is excluded are not', async (t) => {
  for (const [terms, tsquery] of [
    [["'printer'"], "'printer':*"],
    [["'printer'", "-'vpn'"], "'printer':* & !( 'vpn' )"],
    [["='printer'"], "'printer'"],
    [["='wi-fi' <-> 'wi' <-> 'fi'", "'router'"], "'wi-fi' <-> 'wi' <-> 'fi' & 'router':*"],
    [["-'paper' <-> 'jam'", "'tray'"], "!( 'paper' <-> 'jam' ) & 'tray':*"],
    [["'it''s'", "'\\\\x'"], "'it''s':* & '\\\\x':*"],
    [["'the-and'", ''], "'the-and':*"],
    [[''], ''],
    [[], ''],
  ] as const) {
    t.equal(query([...terms]).tsquery, tsquery, terms.join(' '))
  }
  t.equal(query(["='a' <2> 'b'"], [''], ["'c'"]).tsquery, "'a' <2> 'b' | 'c':*")
})

t.test('of a word of several parts what it ends with is a beginning', async (t) => {
  for (const [lexemes, tsquery, indexQuery = tsquery] of [
    ["'wi-f' <-> 'wi' <-> 'f'", "'wi-f':*"],
    ["'o' <-> 'neil'", "'o' <-> 'neil':*"],
    ["'o' <-> 'ne'", "'o' <-> 'ne':*", "'o'"],
    ["'state-of-the-art' <-> 'state' <3> 'art'", "'state-of-the-art':*"],
    ["'foo' <-> 'wi-f' <-> 'wi' <-> 'f'", "'foo' <-> 'wi-f':*"],
    ["'wi-fi' <-> 'wi' <-> 'fi' <-> 'foo'", "'wi-fi' <-> 'wi' <-> 'fi' <-> 'foo':*"],
    ["'a.example/b-c' <-> 'a.example' <-> '/b-c'", "'a.example/b-c':*"],
    ["'pc' <-> '-471'", "'pc' <-> ( '-471':* | '471':* )"],
    ["'win' <-> '-10'", "'win' <-> ( '-10':* | '10':* )", "'win'"],
  ] as const) {
    t.same(query([lexemes]), { tsquery, indexQuery }, lexemes)
  }
})

t.test('short beginnings are not asked of the index, if others narrow the search', async (t) => {
  for (const [terms, indexQuery] of [
    [["'printer'", "'b'"], "'printer':*"],
    [["'b'", "'printer'", "-'vpn'"], "'printer':* & !( 'vpn' )"],
    [["'b'", "='paper' <-> 'jam'"], "'paper' <-> 'jam'"],
    [["'b'", "='c'"], "'c'"],
    [["'b'"], "'b':*"],
    [["'b'", "'c'"], "'b':* & 'c':*"],
    [["'b'", "-'vpn'"], "'b':* & !( 'vpn' )"],
    [["'b'", "'it''s'"], "'it''s':*"],
  ] as const) {
    t.equal(query([...terms]).indexQuery, indexQuery, terms.join(' '))
  }
  t.equal(query(["'b'"], ["'c'", "'printer'"]).indexQuery, "'b':* | 'printer':*")
})

t.test('mistakes between two words', async (t) => {
  for (const [from, to, mistakes] of [
    ['printer', 'printer', 0],
    ['pritner', 'printer', 1],
    ['printr', 'printer', 1],
    ['prinnter', 'printer', 1],
    ['printar', 'printer', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ] as const) {
    t.equal(editDistance(from, to), mistakes, `${from} ${to}`)
    t.equal(editDistance(to, from), mistakes, `${to} ${from}`)
  }
})

t.test(
  'swaps of a word are one mistake away from it, and as many as it has neighbours that differ',
  async (t) => {
    t.strictSame(swapsOf('vnpp'), ['nvpp', 'vpnp'])
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂'), maxLength: 8 }), (word) => {
        const swaps = swapsOf(word)
        const letters = [...word]
        const differ = letters.filter((letter, n) => n > 0 && letter !== letters[n - 1]).length
        return swaps.length === differ && swaps.every((swap) => editDistance(word, swap) === 1)
      }),
    )
  },
)
