import { type SQL, sql } from 'drizzle-orm'

const codePoints = (text: string) => [...text].map((each) => each.codePointAt(0) ?? 0)
const between = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n)

/** What begins a formula in a spreadsheet, its full-width and small forms too, and what ends a cell or a line of pasted text. */
const FORMULA_STARTS = codePoints('=+-@＝＋－＠﹢﹣﹦﹫\t\n\r')
/** What is not seen and may be passed over: Unicode's white space and controls, and characters that have no width. */
const BLANKS = [
  ...[between(0x01, 0x08), [0x0b, 0x0c], between(0x0e, 0x20), between(0x7f, 0xa0), [0xad]],
  ...[
    [0x34f, 0x61c, 0x1680, 0x180e],
    between(0x2000, 0x200f),
    between(0x2028, 0x202f),
    between(0x205f, 0x206f),
  ],
  [0x3000, 0xfeff],
].flat()

const startsFormula = sql.raw(FORMULA_STARTS.join(', '))
const isSuspect = sql.raw([...FORMULA_STARTS, ...BLANKS].join(', '))
const blanks = sql.raw(`U&'${BLANKS.map((each) => `\\${each.toString(16).padStart(4, '0')}`).join('')}'`)

/**
 * A text that a spreadsheet takes as text: where it begins with what begins a formula there, behind blanks too, an apostrophe
 * comes before it. `ascii` is PostgreSQL's name for the code point of the first character; of an empty text it is 0. For
 * nearly all texts a look at that one is enough, which takes no longer than to read it; to trim blanks takes almost a
 * microsecond, and is left to those that begin with one.
 */
export function defused(text: SQL): SQL {
  const isFormula = sql`ascii(${text}) IN (${isSuspect}) AND ascii(ltrim(${text}, ${blanks})) IN (${startsFormula})`
  return sql`CASE WHEN ${isFormula} THEN '''' || ${text} ELSE ${text} END`
}
