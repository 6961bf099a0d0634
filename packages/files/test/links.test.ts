import fc from 'fast-check'
import t from 'tap'
import { type FileLink, linkExpiry, signFileLink, verifyFileLink } from '../src/links.ts'

const SECRET = 'a-secret-for-tests'
const LINK: FileLink = {
  id: '018f3c5e-0000-7000-8000-0000000000ab',
  variant: 'thumb-150',
  name: 'Bild é (1).png',
  expiresAt: new Date('2026-05-01T12:00:00Z'),
}
const BEFORE = new Date('2026-05-01T11:59:59Z')

/** What a router hands over: the decoded segments. */
const segments = (path: string) => {
  const [id = '', token = '', name = ''] = path.split('/').map(decodeURIComponent)
  return { id, token, name }
}

t.test('a link opens what it was made for until it expires', async (t) => {
  const path = signFileLink(SECRET, LINK)
  t.match(path, /^[\w-]+\/thumb-150\.1777636800\.[\w-]{43}\/Bild%20%C3%A9%20\(1\)\.png$/)
  t.same(verifyFileLink(SECRET, segments(path), BEFORE), {
    ok: true,
    variant: 'thumb-150',
    expiresAt: LINK.expiresAt,
  })
  t.same(verifyFileLink(SECRET, segments(path), LINK.expiresAt), { ok: false, reason: 'expired' })
})

t.test('a link for one thing opens nothing else', async (t) => {
  const good = segments(signFileLink(SECRET, LINK))
  const forged = { ok: false, reason: 'forged' }
  t.same(verifyFileLink('another-secret', good, BEFORE), forged)
  t.same(verifyFileLink(SECRET, { ...good, id: '018f3c5e-0000-7000-8000-0000000000ac' }, BEFORE), forged)
  t.same(verifyFileLink(SECRET, { ...good, name: 'other.png' }, BEFORE), forged)
  t.same(
    verifyFileLink(SECRET, { ...good, token: good.token.replace('thumb-150', 'original') }, BEFORE),
    forged,
  )
  t.same(verifyFileLink(SECRET, { ...good, token: good.token.replace('1777', '1999') }, BEFORE), forged)
})

t.test('garbage is malformed', async (t) => {
  const good = segments(signFileLink(SECRET, LINK))
  for (const token of [
    '',
    'x',
    'original.1.short',
    `${good.token}x`,
    good.token.slice(0, -1),
    'original..',
    'évil.1.x',
  ]) {
    t.same(verifyFileLink(SECRET, { ...good, token }, BEFORE), { ok: false, reason: 'malformed' }, token)
  }
})

t.test('every link round-trips, and any changed character breaks it', async () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((it) => !/\p{Cs}/u.test(it))
  fc.assert(
    fc.property(fc.uuid(), text, fc.nat(4e9), fc.nat(500), (id, name, expiry, at) => {
      const link: FileLink = { id, name, variant: 'original', expiresAt: new Date((expiry + 1) * 1000) }
      const good = segments(signFileLink(SECRET, link))
      const now = new Date(expiry * 1000)
      const index = at % good.token.length
      const flipped = good.token[index] === 'a' ? 'b' : 'a'
      const token = good.token.slice(0, index) + flipped + good.token.slice(index + 1)
      return verifyFileLink(SECRET, good, now).ok && !verifyFileLink(SECRET, { ...good, token }, now).ok
    }),
  )
})

t.test('expiries stand still, so that addresses do', async (t) => {
  const hour = 3600
  t.same(linkExpiry(new Date('2026-05-01T12:00:01Z'), hour), new Date('2026-05-01T14:00:00Z'))
  t.same(linkExpiry(new Date('2026-05-01T12:59:59Z'), hour), new Date('2026-05-01T14:00:00Z'))
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (now) => {
      const left = linkExpiry(now, hour).getTime() - now.getTime()
      return left >= hour * 1000 && left <= 2 * hour * 1000
    }),
  )
})
