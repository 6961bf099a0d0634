import { existsSync, rmSync } from 'node:fs'
import t from 'tap'
import { readFaultOptions } from '../../src/faults/config.ts'

const read = (...args: string[]) => readFaultOptions(args, {})

t.test('without arguments: the product, sixty faults, a folder of its own', async (t) => {
  const [one, other] = [read(), read()]
  if (one === 'help' || other === 'help') throw new Error('nobody asked for help')
  for (const { dataDir } of [one, other]) t.teardown(() => rmSync(dataDir, { recursive: true }))
  t.match(one, { kills: 60, seed: 1, rate: 12, json: false, controls: [] })
  t.not(one.dataDir, other.dataDir)
  for (const path of [one.file, one.photos, one.dataDir]) t.ok(existsSync(path), path)
})

t.test('what makes no sense is refused with a sentence', async (t) => {
  const wrong: [string[], string][] = [
    [['--kills', 'many'], '--kills must be a whole number from 0, not "many".'],
    [['--kills', ''], '--kills must be a whole number from 0, not "".'],
    [['--seed', '1.5'], '--seed must be a whole number from 0, not "1.5".'],
    [['--rate', '0'], '--rate must be a whole number from 1, not "0".'],
    [
      ['--control', 'none'],
      '--control must be one of no-outbox, relay-by-id, stalled-once, no-guard or all, not "none".',
    ],
  ]
  for (const [args, message] of wrong) t.throws(() => read(...args), { message }, args.join(' '))
  t.throws(() => read('--kill', '9'), { message: /--help names the options\.$/ })
  t.equal(read('--help'), 'help')
})
