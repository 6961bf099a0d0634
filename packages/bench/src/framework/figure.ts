/** What is asked of a figure: at least where more is better, at most where less is. */
export type Target =
  /** Of the ratio to the floor. */
  | { of: 'ratio'; is: number }
  /** Of the figure itself, in its unit. */
  | { of: 'value'; is: number }

/** A measured quantity: one value a round, and its floor's values of the same rounds. */
export interface Figure {
  name: string
  /** `/s`, `ms`, `MB`; empty for a count. */
  unit: string
  better: 'more' | 'less'
  rounds: readonly number[]
  floor?: { name: string; rounds: readonly number[] }
  targets?: readonly Target[]
  /** Said beside it. */
  note?: string
}

export interface Spread {
  median: number
  least: number
  most: number
}

/** A figure of a measurement at a scale, as it is reported and kept. */
export interface Result extends Figure {
  measurement: string
  /** How many tickets the desk had; null where that does not matter. */
  scale: number | null
}

/** @throws Error for none: a figure without a value would be an invented one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined || !values.every(Number.isFinite)) {
    throw new Error(`a figure needs numbers, not ${JSON.stringify(values)}`)
  }
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? most
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
  return { median, least, most }
}

/** How many times as good as its floor it was in each round; undefined for a figure without one. */
export function ratioOf({ better, rounds, floor }: Figure): Spread | undefined {
  if (floor === undefined) return undefined
  if (floor.rounds.length !== rounds.length) throw new Error('a figure has as many rounds as its floor')
  return spreadOf(
    rounds.map((value, n) => {
      const base = floor.rounds[n] ?? Number.NaN
      return better === 'more' ? value / base : base / value
    }),
  )
}

/** Whether the median reaches a target. */
export function reaches(figure: Figure, { of, is }: Target): boolean {
  if (of === 'ratio') return (ratioOf(figure)?.median ?? 0) >= is
  const { median } = spreadOf(figure.rounds)
  return figure.better === 'more' ? median >= is : median <= is
}

/** A rate with its floor of the same rounds, and the ratio that is asked for. */
export function rateOverFloor(
  name: string,
  values: { product: readonly number[]; floor: readonly number[] },
  floor: string,
  ratio: number,
): Figure {
  return {
    name,
    unit: '/s',
    better: 'more',
    rounds: values.product,
    floor: { name: floor, rounds: values.floor },
    targets: [{ of: 'ratio', is: ratio }],
  }
}
