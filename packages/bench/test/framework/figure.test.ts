import t from 'tap'
import { type Figure, ratioOf, reaches, spreadOf } from '../../src/framework/figure.ts'
import { growthOf } from '../../src/framework/growth.ts'
import { quantile } from '../../src/framework/quantile.ts'
import { inTurns } from '../../src/framework/rounds.ts'

const rate: Figure = {
  name: 'list',
  unit: '/s',
  better: 'more',
  rounds: [600, 500, 900],
  floor: { name: 'bare', rounds: [1_000, 1_000, 1_000] },
}
const time: Figure = { name: 'search', unit: 'ms', better: 'less', rounds: [40, 20, 30] }

t.test('quantiles of sorted numbers', async (t) => {
  t.equal(quantile([], 0.5), 0)
  t.equal(quantile([1, 2, 3, 4], 0.5), 3)
  t.equal(quantile([1, 2, 3, 4], 0.99), 4)
})

t.test('the middle of the rounds, with the least and the most', async (t) => {
  t.strictSame(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 })
  t.strictSame(spreadOf([4, 1, 2, 3]), { median: 2.5, least: 1, most: 4 })
  t.throws(() => spreadOf([]), /needs numbers/)
  t.throws(() => spreadOf([1, Number.NaN]), /needs numbers/)
})

t.test('the ratio is taken round by round, and more than one is better than the floor', async (t) => {
  t.strictSame(ratioOf(rate), { median: 0.6, least: 0.5, most: 0.9 })
  t.strictSame(ratioOf({ ...time, floor: { name: 'bare', rounds: [20, 20, 60] } }), {
    median: 1,
    least: 0.5,
    most: 2,
  })
  t.equal(ratioOf(time), undefined)
  t.throws(() => ratioOf({ ...rate, rounds: [1] }), /as many rounds/)
})

t.test('a target is met by the median', async (t) => {
  t.ok(reaches(rate, { of: 'ratio', is: 0.6 }))
  t.notOk(reaches(rate, { of: 'ratio', is: 0.61 }))
  t.ok(reaches(rate, { of: 'value', is: 600 }))
  t.notOk(reaches(rate, { of: 'value', is: 601 }))
  t.ok(reaches(time, { of: 'value', is: 30 }))
  t.notOk(reaches(time, { of: 'value', is: 29 }))
  t.notOk(reaches(time, { of: 'ratio', is: 0.1 }), 'without a floor there is no ratio to be met')
})

t.test('floor and product take turns, and who begins changes', async (t) => {
  const order: string[] = []
  const done = (name: string) => async () => order.push(name)
  const values = await inTurns(3, done('floor'), done('product'))
  t.strictSame(order, ['floor', 'product', 'product', 'floor', 'floor', 'product'])
  t.strictSame(values, { floor: [1, 4, 5], product: [2, 3, 6] })
})

t.test('growth compares the smallest scale with the largest', async (t) => {
  const at = (scale: number, perSecond: number) => ({
    measurement: 'list',
    scale,
    name: 'list, first page of 25',
    unit: '/s',
    better: 'more' as const,
    rounds: [perSecond],
  })
  const [grown] = growthOf([at(1_000_000, 500), at(10_000, 600), at(100_000, 100)])
  t.match(grown, { scale: 1_000_000, better: 'less', rounds: [1.2] })
  t.ok(grown && reaches(grown, { of: 'value', is: 1.3 }))
  t.strictSame(growthOf([at(10_000, 600)]), [])
  const other = { ...at(10_000, 5), name: 'list, open only' }
  t.equal(growthOf([other, { ...other, scale: 100_000 }, at(10_000, 600), at(100_000, 500)]).length, 2)
})
