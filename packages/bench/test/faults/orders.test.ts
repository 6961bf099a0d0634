import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { giveOrder, readOrder, takeOrder, wasTaken, withdrawOrder } from '../../src/faults/orders.ts'

const folder = mkdtempSync(join(tmpdir(), 'servicedesk-orders-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('an order is read until it is taken, by one', async (t) => {
  const file = join(folder, 'one')
  t.equal(readOrder(file), undefined)
  giveOrder(file, { milestone: 'leased', signal: 'SIGKILL' })
  t.same(readOrder(file), { milestone: 'leased', signal: 'SIGKILL' })
  t.notOk(wasTaken(file))
  t.ok(takeOrder(file))
  t.notOk(takeOrder(file), 'once')
  t.ok(wasTaken(file))
  t.equal(readOrder(file), undefined)
})

t.test('a new order knows nothing of the one before, and can be withdrawn', async (t) => {
  const file = join(folder, 'two')
  giveOrder(file, { milestone: 'done', signal: 'SIGSTOP' })
  takeOrder(file)
  giveOrder(file, { milestone: 'effect', signal: 'SIGKILL' })
  t.notOk(wasTaken(file))
  withdrawOrder(file)
  t.equal(readOrder(file), undefined)
  t.notOk(takeOrder(file))
})
