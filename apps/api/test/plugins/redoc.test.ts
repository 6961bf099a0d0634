import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'

const desk = await createTestDesk(t)
const get = (url: string) => desk.app.inject({ url })

t.test('the reference is a page that loads nothing from elsewhere', async (t) => {
  for (const url of ['/redoc', '/redoc/', '/api/redoc']) {
    const page = await get(url)
    t.match(page, { statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8' } }, url)
    t.match(page.headers['content-security-policy'], /default-src 'none'; script-src 'self';/)
    const loaded = [...page.body.matchAll(/(?:src|href|spec-url)="([^"]+)"/g)].map(([, address]) => address)
    t.strictSame(loaded, ['/api/openapi.json', '/redoc/redoc.js'])
    for (const address of loaded) t.equal((await get(address ?? '')).statusCode, 200, address ?? '')
  }
  const script = await get('/redoc/redoc.js')
  t.match(script.headers['content-type'], /^text\/javascript/)
  t.ok(script.body.length > 500_000)
})
