import { TEST_PASSWORD, type TestDesk } from '@servicedesk/testing'

type Headers = Record<string, string>

/** A browser at the pages under /admin, as far as they need one. */
export function browser(desk: TestDesk) {
  return {
    get: (url: string, headers: Headers = {}) => desk.app.inject({ url, headers }),
    post: (url: string, fields: Record<string, string> = {}, headers: Headers = {}) =>
      desk.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        payload: new URLSearchParams(fields).toString(),
      }),
  }
}

/** Signs in at the page and answers the header that carries the cookie. */
export async function signInAtPage(desk: TestDesk, email: string): Promise<{ cookie: string }> {
  const answer = await browser(desk).post('/admin/sign-in', { email, password: TEST_PASSWORD })
  const [cookie] = answer.cookies
  if (answer.statusCode !== 303 || cookie === undefined) throw new Error(`no sign-in: ${answer.statusCode}`)
  return { cookie: `${cookie.name}=${cookie.value}` }
}
