import { performance } from 'node:perf_hooks'
import { findMentions, type Mentionable, mayMention } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

const person = (id: number, name: string, email = `p${id}@desk.example`): Mentionable => ({
  id,
  name,
  firstName: name.slice(0, name.lastIndexOf(' ') < 0 ? undefined : name.lastIndexOf(' ')),
  email,
})
const ann = person(1, 'Ann Lee', 'ann.lee@desk.example')
const annRay = person(2, 'Ann Ray')
const bob = person(3, 'Bob Roe', 'bob@desk.example')
const maria = person(4, "María José O'Brien")
const desk = [ann, annRay, bob, maria]

t.test('names, first names, local parts', (t) => {
  for (const [text, ...ids] of [
    ['@Ann Lee please look', 1],
    ['please look, @ann lee.', 1],
    ['(@ANN  Lee)', 1],
    ['@ann.lee: look', 1],
    ['@Ann.Lee', 1],
    ['@Ann' /* two of them */],
    ['@Ann Rayburn' /* nobody, and no Ann for sure */],
    ['@Bob', 3],
    ["@Bob's printer, @bob!", 3],
    ['@Bob Roe and @Ann Lee', 1, 3],
    ['@Bob Roebuck', 3],
    ["@mari\u0301a jose\u0301 o'brien", 4],
    ['@María José', 4],
    ['@María'],
    ['@Ann\nLee'],
    ['@bobby, @bob_, @bob-cat, @bob.cat, @bob+x, @bob@host'],
    ['bob@bob, x@bob.example, a.b+@bob, _@bob, https://social.example/@bob, @@bob'],
    ['@ Bob, @"Bob", @'],
    ['"@Bob"', 3],
    ['done.@bob', 3],
    ['no at sign: Ann Lee'],
    [''],
  ] as [string, ...number[]][]) {
    t.same([...findMentions(text, desk)].sort(), ids, text)
    if (ids.length > 0) t.ok(mayMention(text), text)
  }
  t.end()
})

t.test('the longest name is meant; several of one full name are all meant, of one first name none', (t) => {
  const people = [person(1, 'Jo'), person(2, 'Jo Ann'), person(3, 'Jo Ann Lee'), person(4, 'Jo Ann Lee')]
  t.same([...findMentions('@jo ann lee', people)], [3, 4])
  t.same([...findMentions('@Jo Ann Li', people)], [2], 'a full name beats the first name of others')
  t.same([...findMentions('@jo', people)], [1])
  t.same([...findMentions('@x', [{ ...bob, firstName: '' }])], [], 'nor who has none')
  t.same([...findMentions('@Sam', [person(1, 'Sam A'), person(2, 'Sam B')])], [])
  t.end()
})

/** The same rules, said place by place: of every person every handle is tried at every place. */
function oracle(text: string, people: readonly Mentionable[]): number[] {
  const plain = (some: string) =>
    some
      .normalize('NFC')
      .toLowerCase()
      .replace(/[^\S\n]+/g, ' ')
  const isWord = (char: string | undefined) => char !== undefined && /[\p{L}\p{M}\p{N}_]/u.test(char)
  const chars = [...plain(text)]
  const found = new Set<number>()
  for (const [at, char] of chars.entries()) {
    const before = chars[at - 1]
    if (char !== '@' || !isWord(chars[at + 1]) || isWord(before) || '+-/@'.includes(before ?? ' ')) continue
    let best: { length: number; kind: number; ids: number[] } = { length: 0, kind: 9, ids: [] }
    for (const each of people) {
      const handles = [each.name, each.email.split('@')[0] ?? '', each.firstName]
      for (const [kind, handle] of handles.entries()) {
        const wanted = [...plain(handle).trim()]
        const { length } = wanted
        const [next, second] = chars.slice(at + 1 + length)
        const ends = !isWord(next) && !('.-+@'.includes(next ?? ' ') && isWord(second))
        if (length === 0 || !ends || !wanted.every((part, n) => part === chars[at + 1 + n])) continue
        if (length > best.length || (length === best.length && kind < best.kind))
          best = { length, kind, ids: [each.id] }
        else if (length === best.length && kind === best.kind) best.ids.push(each.id)
      }
    }
    if (best.kind < 2 || best.ids.length === 1) for (const id of best.ids) found.add(id)
  }
  return [...found].sort()
}

t.test('any text, any people: as the slow and obvious way has it', (t) => {
  const bit = fc.constantFrom('ann', 'Ann', 'lee', 'ray', 'é', 'e\u0301', 'İ', 'x', "o'b", '1', '_')
  const name = fc.array(bit, { minLength: 1, maxLength: 3 })
  const people = fc.array(
    fc.tuple(name, fc.constantFrom(' ', '-', ''), name, name, fc.constantFrom('.', '', '+')),
    { maxLength: 5 },
  )
  const part = fc.oneof(
    { weight: 3, arbitrary: fc.constant('@') },
    bit,
    fc.constantFrom(' ', '  ', '.', '-', '+', '/', '\n', '\u{1F600}', ','),
  )
  const someone = fc.tuple(people, fc.array(fc.oneof(part, fc.nat(9)), { maxLength: 25 }))
  fc.assert(
    fc.property(someone, ([drawn, parts]) => {
      const all = drawn.map(([first, between, last, local, dot], id) => ({
        id,
        name: `${first.join(' ')}${between}${last.join('')}`,
        firstName: first.join(' '),
        email: `${local.join(dot)}@desk.example`,
      }))
      // Numbers stand for whole handles, which free text would seldom hit.
      const handle = (n: number) => {
        const { name, firstName, email } = all[n % (all.length || 1)] ?? {
          name: 'x',
          firstName: 'x',
          email: 'x',
        }
        return `@${[name, firstName, email.split('@')[0], name.toUpperCase()][n % 4]}`
      }
      const text = parts.map((each) => (typeof each === 'number' ? handle(each) : each)).join('')
      return JSON.stringify([...findMentions(text, all)].sort()) === JSON.stringify(oracle(text, all))
    }),
    { numRuns: 2_000 },
  )
  t.end()
})

t.test('20,000 characters of anything cost nothing', (t) => {
  const people = Array.from({ length: 500 }, (_, id) => person(id, `Ann ${'x'.repeat(id % 50)}${id}`))
  for (const unit of ['@', '@a', '@a ', ' @', '@ann ', '@ann.', 'a@', '@ann x', '@ann\u0301', '@\u{1F600}']) {
    const text = unit.repeat(20_000 / unit.length)
    const begun = performance.now()
    findMentions(text, people)
    const took = performance.now() - begun
    t.ok(took < 1_000, `${JSON.stringify(unit)}: ${took.toFixed(1)} ms`)
  }
  t.equal(mayMention('@'.repeat(20_000)), false)
  t.end()
})
