import type { SourceRow } from './read-rows.ts'

/** What is posted for a row. */
export interface NewTicket {
  title: string
  description: string
  /** Left out where the row does not say, so that the API's default counts. */
  priority?: string
  category?: string
}

export const TITLE_LIMIT = 200
export const DESCRIPTION_LIMIT = 20_000
const BORROWED_TITLE_LENGTH = 80

/**
 * Urgency (0–3) and impact (0–4) are ranks: lower is more urgent. As in ITIL's matrix both count alike, so their sum
 * decides: the first entry it does not exceed. Of the 2,716 rows of the Endava data this makes 10 Critical, 149 High,
 * 129 Medium, and Low of the 2,428 service requests (3 + 4), which nobody ranked.
 */
const PRIORITY_BY_SUM = [
  { upTo: 2, priority: 'Critical' },
  { upTo: 4, priority: 'High' },
  { upTo: 6, priority: 'Medium' },
  { upTo: Number.POSITIVE_INFINITY, priority: 'Low' },
] as const

/**
 * The data's category numbers were anonymised too; what each holds was read from its tickets, with how many there are.
 * A number that is not here is Other.
 */
const CATEGORY_BY_NUMBER: Readonly<Record<string, string>> = {
  '1': 'Software', // 5: approvals and errors in business applications
  '4': 'Access', // 1,859: accounts, passwords, rights in applications, starters and leavers
  '5': 'Hardware', // 626: purchases, devices, printers
  '6': 'Network', // 138: networks and servers
  '7': 'Security', // 63: badges
  '8': 'Network', // 6: alarms and upkeep of infrastructure
  '9': 'Hardware', // 2: supplies
  '11': 'Security', // 17: doors and access cards
}

/**
 * What to post for a row. White space around and inside a title is evened out; an empty one takes the body's first 80
 * characters. Texts over the API's limits are cut and end in "…"; texts that are too short are sent as they are, so
 * that it is the API that refuses them.
 */
export function mapRow(row: SourceRow): NewTicket {
  const title = tidy(row.title) || [...tidy(row.body)].slice(0, BORROWED_TITLE_LENGTH).join('').trimEnd()
  const priority = priorityOf(row)
  const category = categoryOf(row)
  return {
    title: shorten(title, TITLE_LIMIT, '…'),
    description: shorten(row.body, DESCRIPTION_LIMIT, '…'),
    ...(priority === undefined ? {} : { priority }),
    ...(category === undefined ? {} : { category }),
  }
}

function priorityOf({ urgency, impact }: SourceRow): string | undefined {
  const [first, second] = [rank(urgency), rank(impact)]
  if (first === undefined || second === undefined) return undefined
  return PRIORITY_BY_SUM.find(({ upTo }) => first + second <= upTo)?.priority
}

function rank(text: string): number | undefined {
  return /^\d{1,3}$/.test(text.trim()) ? Number(text) : undefined
}

function categoryOf({ category }: SourceRow): string | undefined {
  const number = category.trim()
  if (number === '') return undefined
  return Object.hasOwn(CATEGORY_BY_NUMBER, number) ? CATEGORY_BY_NUMBER[number] : 'Other'
}

const tidy = (text: string) => text.replace(/\s+/g, ' ').trim()

/** A text of at most `limit` characters, cut after a word where a late one ends, with `mark` at the end if it was cut. */
function shorten(text: string, limit: number, mark: string): string {
  // Characters as the API counts them: code points, so that none is cut in two.
  const characters = [...text]
  if (characters.length <= limit) return text
  const room = limit - mark.length
  const cut = characters.slice(0, room).join('')
  const endsWord = /\s/.test(characters[room] ?? '')
  const lastGap = endsWord ? cut.length : cut.search(/\s\S*$/)
  // A word as long as half of the room is cut rather than dropped.
  return (lastGap > cut.length / 2 ? cut.slice(0, lastGap) : cut).trimEnd() + mark
}
