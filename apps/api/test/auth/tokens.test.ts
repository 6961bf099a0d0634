import { createHmac } from 'node:crypto'
import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'

const desk = await createTestDesk(t)
const person = await desk.person('Technical User')
const other = await desk.person('Normal User')
const now = Math.floor(Date.now() / 1_000)
const claims = { sub: String(person.id), sid: person.sessionId, iat: now, exp: now + 600 }

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** A token made by hand, so that the product's own signing is not what is trusted. */
function token(payload: object, secret = desk.config.secret, alg = 'HS256'): string {
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode(payload)}`
  const hash = alg === 'HS512' ? 'sha512' : 'sha256'
  const signature = alg === 'none' ? '' : createHmac(hash, secret).update(signed).digest('base64url')
  return `${signed}.${signature}`
}
const ask = (authorization?: string) =>
  desk.app.inject({
    url: '/api/auth/me',
    headers: authorization === undefined ? {} : { authorization },
  })

t.test('a good token is good', async (t) => {
  const answer = await ask(`Bearer ${token(claims)}`)
  t.equal(answer.statusCode, 200)
  t.equal(answer.json().id, person.id)
  t.equal((await ask(`bearer ${token(claims)}`)).statusCode, 200, 'the scheme in any case')
})

t.test('a token that was good before ends when it says', async (t) => {
  const short = token({ ...claims, exp: Math.floor(Date.now() / 1_000) + 2 })
  t.equal((await ask(`Bearer ${short}`)).statusCode, 200)
  await until('its end', async () => (await ask(`Bearer ${short}`)).statusCode === 401)
})

t.test('everything else is 401', async (t) => {
  const good = token(claims)
  const [head = '', body = '', signature = ''] = good.split('.')
  const cases: Record<string, string | undefined> = {
    'no header': undefined,
    'an empty header': '',
    'another scheme': `Basic ${Buffer.from('a:b').toString('base64')}`,
    'no token': 'Bearer ',
    garbage: 'Bearer abc.def.ghi',
    'another secret': `Bearer ${token(claims, 'another secret that is long enough too')}`,
    'alg none': `Bearer ${token(claims, '', 'none')}`,
    'alg none with a signature': `Bearer ${encode({ alg: 'none' })}.${body}.${signature}`,
    'another algorithm': `Bearer ${token(claims, desk.config.secret, 'HS512')}`,
    expired: `Bearer ${token({ ...claims, iat: now - 7_200, exp: now - 10 })}`,
    'not yet': `Bearer ${token({ ...claims, nbf: now + 3_600 })}`,
    'a changed body': `Bearer ${head}.${encode({ ...claims, sub: String(other.id) })}.${signature}`,
    'no signature': `Bearer ${head}.${body}.`,
    "another's session": `Bearer ${token({ ...claims, sub: String(other.id) })}`,
    'an unknown session': `Bearer ${token({ ...claims, sid: '00000000-0000-4000-8000-000000000000' })}`,
    'a session that is none': `Bearer ${token({ ...claims, sid: '-'.repeat(36) })}`,
    'no session': `Bearer ${token({ sub: claims.sub, exp: claims.exp })}`,
    'no user': `Bearer ${token({ sid: claims.sid, exp: claims.exp })}`,
    'a user that is no number': `Bearer ${token({ ...claims, sub: '1 OR 1=1' })}`,
    'claims of other types': `Bearer ${token({ ...claims, sub: { a: 1 }, sid: ['x'] })}`,
    'no claims': `Bearer ${token({})}`,
    'a very long token': `Bearer ${'a'.repeat(5_000)}.b.c`,
    'twice Bearer': `Bearer Bearer ${good}`,
  }
  for (const [what, header] of Object.entries(cases)) {
    isProblem(t, await ask(header), 401, 'unauthenticated', what)
  }
})

t.test('a token without an end is not honoured for ever', async (t) => {
  isProblem(
    t,
    await ask(`Bearer ${token({ sub: claims.sub, sid: claims.sid, iat: now - 365 * 86_400 })}`),
    401,
  )
})
