import fc from 'fast-check'
import t from 'tap'
import { assertKey, originalKey } from '../src/keys.ts'

t.test('the key of an original', async (t) => {
  const id = '018F3C5E-1111-7222-8333-4444555566CD'
  t.equal(originalKey(id), 'cd/018f3c5e-1111-7222-8333-4444555566cd/original')
})

t.test('every id gives a good key, spread by its random end', async () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      assertKey(originalKey(id))
      return originalKey(id).startsWith(`${id.slice(-2)}/`)
    }),
  )
})

t.test('no key climbs', async () => {
  const tricky = fc.string({
    unit: fc.constantFrom('.', '/', '\\', 'a', '%2e', '\0', ' '),
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(
    fc.property(tricky, (key) => {
      try {
        assertKey(key)
      } catch (error) {
        return error instanceof RangeError
      }
      return key
        .split('/')
        .every((segment) => segment !== '' && !segment.startsWith('.') && /^[a.]+$/.test(segment))
    }),
    { numRuns: 1000 },
  )
})
