import { editDistance, textQuery } from '@servicedesk/core'
import t from 'tap'

t.test('plain words are beginnings of words; phrases and what is excluded are not', async (t) => {
  for (const [parsed, tsquery] of [
    ["'printer'", "'printer':*"],
    ["'printer' & !'vpn'", "'printer':* & ! 'vpn'"],
    ["'wi-fi' <-> 'wi' <-> 'fi' & 'router'", "'wi-fi' <-> 'wi' <-> 'fi' & 'router':*"],
    ["!( 'paper' <-> 'jam' ) & 'tray'", "! ( 'paper' <-> 'jam' ) & 'tray':*"],
    ["'a' <2> 'b' | 'c'", "'a' <2> 'b' | 'c':*"],
    ["'it''s' & '\\\\x'", "'it''s':* & '\\\\x':*"],
    ['', ''],
  ] as const) {
    t.equal(textQuery(parsed).tsquery, tsquery, parsed)
  }
})

t.test('short beginnings are not asked of the index, if others narrow the search', async (t) => {
  for (const [parsed, indexQuery] of [
    ["'printer' & 'b'", "'printer':*"],
    ["'b' & 'printer' & !'vpn'", "'printer':* & ! 'vpn'"],
    ["'b' & 'paper' <-> 'jam'", "'paper' <-> 'jam'"],
    ["'b'", "'b':*"],
    ["'b' & 'c'", "'b':* & 'c':*"],
    ["'b' & !'vpn'", "'b':* & ! 'vpn'"],
    ["'b' | 'printer'", "'b':* | 'printer':*"],
  ] as const) {
    t.equal(textQuery(parsed).indexQuery, indexQuery, parsed)
  }
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
