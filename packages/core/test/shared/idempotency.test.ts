import { createOnce, type KeyedRequest } from '@servicedesk/core'
import { idempotencyKeys, outbox, settings, type Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const user = await desk.person('Normal User')
const deps = { db: desk.db, dispatch: (rows: readonly { name: string }[]) => void sent.push(...rows) }
const sent: { name: string }[] = []
const request = (key: string, more: Partial<KeyedRequest> = {}): KeyedRequest => ({
  userId: user.id,
  route: 'POST /things',
  key,
  requestHash: 'a hash',
  ...more,
})
const create = (name: string) => async (tx: Tx) => {
  await tx.insert(settings).values({ key: `made ${name}`, value: 1 })
  await emit(tx, 'assignment.drain', {})
  return { status: 201, headers: { location: `/things/${name}` }, body: { name } }
}
const made = () => desk.db.$count(settings, sql`key LIKE 'made%'`)

t.beforeEach(async () => {
  await desk.db.delete(idempotencyKeys)
  await desk.db.delete(settings)
  await desk.db.delete(outbox)
  sent.length = 0
})
const now = () => desk.clock.now()

t.test('the same key again gets the stored answer; nothing is made or owed twice', async (t) => {
  const first = await createOnce(deps, request('k'), now(), create('one'))
  const again = await createOnce(deps, request('k'), now(), create('two'))
  t.strictSame(first, {
    status: 201,
    headers: { location: '/things/one' },
    body: { name: 'one' },
    replayed: false,
  })
  t.strictSame(again, { ...first, replayed: true })
  t.equal(await made(), 1)
  t.equal(await desk.db.$count(outbox), 1)
  t.equal(sent.length, 1)
})

t.test('another user, route or key is another request', async (t) => {
  const other = await desk.person('Normal User')
  const requests = [{}, { userId: other.id }, { route: 'POST /others' }, { key: 'K' }]
  for (const [n, more] of requests.entries()) {
    t.match(await createOnce(deps, request('k', more), now(), create(`${n}`)), { replayed: false })
  }
  t.equal(await made(), 4)
})

t.test('the same key with another payload is refused and makes nothing', async (t) => {
  await createOnce(deps, request('k'), now(), create('one'))
  const reused = createOnce(deps, request('k', { requestHash: 'another' }), now(), create('two'))
  await t.rejects(reused, { name: 'DomainError', kind: 'key_reused', code: 'idempotency_key_reused' })
  t.equal(await made(), 1)
})

t.test('while the first is in flight the second is a conflict; afterwards it gets the answer', async (t) => {
  let second: Promise<unknown> = Promise.resolve()
  await createOnce(deps, request('k'), now(), async (tx) => {
    second = createOnce(deps, request('k'), now(), create('two'))
    await t.rejects(second, { kind: 'conflict', code: 'idempotency_key_in_flight' })
    return create('one')(tx)
  })
  t.match(await createOnce(deps, request('k'), now(), create('three')), { replayed: true })
  t.equal(await made(), 1)
})

t.test('a creation that fails keeps no key: the retry creates', async (t) => {
  const failing = createOnce(deps, request('k'), now(), async (tx) => {
    await create('one')(tx)
    throw new Error('half way')
  })
  await t.rejects(failing, { message: 'half way' })
  t.strictSame([await made(), await desk.db.$count(idempotencyKeys), sent.length], [0, 0, 0])
  t.match(await createOnce(deps, request('k'), now(), create('one')), { replayed: false })
})

t.test('a key is honoured for 24 hours, to the millisecond', async (t) => {
  const start = now()
  const after = (ms: number) => new Date(start.getTime() + ms)
  await createOnce(deps, request('k'), start, create('one'))
  const day = 24 * 3_600_000
  t.match(await createOnce(deps, request('k'), after(day), create('two')), { replayed: true })
  t.match(await createOnce(deps, request('k'), after(day + 1), create('three')), { replayed: false })
  t.equal(await made(), 2)
  t.equal(await desk.db.$count(idempotencyKeys), 1)
})
