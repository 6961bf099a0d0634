import fc from 'fast-check'
import t from 'tap'
import { assertKey, originalKey, THUMBNAIL_FORMATS, THUMBNAIL_SIZES, thumbnailKey } from '../src/keys.ts'

t.test('keys of files', async (t) => {
  const id = '018F3C5E-1111-7222-8333-444455556cd'.toLowerCase()
  t.equal(originalKey(id), `cd/${id}/original`)
  t.equal(thumbnailKey(id, 150, 'webp'), `cd/${id}/thumb-150.webp`)
})

t.test('every id gives good keys, spread by its random end', async () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.constantFrom(...THUMBNAIL_SIZES),
      fc.constantFrom(...THUMBNAIL_FORMATS),
      (id, size, format) => {
        assertKey(originalKey(id))
        assertKey(thumbnailKey(id, size, format))
        return originalKey(id).startsWith(`${id.slice(-2)}/`)
      },
    ),
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
