import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import t from 'tap'
import { startMailServer } from './helpers/mail-server.ts'

const mail = await startMailServer(t)
const desk = await createTestDesk(t, { dispatch: true })
await startTestWorker(t, desk, mail.url)
const post = (path: string, payload: object) =>
  desk.app.inject({ method: 'POST', url: `/api/v1/auth/${path}`, payload })
const account = { email: 'rosa@test.example', password: 'a password for tests 7', name: 'Rosa Diaz' }

/** The address that a mail's link leads to, once the mail has come. */
async function linkIn(page: string): Promise<URL> {
  return until(`the mail with a link to ${page}`, async () => {
    const [found] = mail.mails
      .map((raw) => raw.replace(/=\r?\n/g, '').replaceAll('=3D', '='))
      .flatMap((text) => new RegExp(`https?://[^\\s"<]+/${page}\\?token=[\\w-]+`).exec(text)?.[0] ?? [])
    return found === undefined ? false : new URL(found)
  })
}
const tokenOf = (link: URL) => link.searchParams.get('token') ?? ''

t.test('the links that accounts are mailed do what they say, once', async (t) => {
  const registered = await post('register', account)
  t.equal(registered.statusCode, 201)
  const verify = { token: tokenOf(await linkIn('verify-email')) }
  t.same(
    [(await post('verify-email', verify)).statusCode, (await post('verify-email', verify)).statusCode],
    [200, 400],
  )
  const headers = { authorization: `Bearer ${registered.json().access_token}` }
  const me = await desk.app.inject({ url: '/api/v1/auth/me', headers })
  t.equal(me.json().is_verified, true)

  t.equal((await post('forgot-password', { email: account.email })).statusCode, 202)
  const reset = { token: tokenOf(await linkIn('reset-password')), password: 'another password 42' }
  t.same(
    [(await post('reset-password', reset)).statusCode, (await post('reset-password', reset)).statusCode],
    [200, 400],
  )
  const login = (password: string) => post('login', { email: account.email, password })
  t.same([(await login(account.password)).statusCode, (await login(reset.password)).statusCode], [401, 200])
})
