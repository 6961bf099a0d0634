import fc from 'fast-check'
import t from 'tap'
import { html, webAddress } from '../src/html.ts'

const decode = (markup: string) =>
  markup
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

t.test('text is escaped, markup is not, lists are joined, nothing is nothing', async (t) => {
  const name = `<b>"O'Neil" & sons</b>`
  t.equal(
    html`<p title="${name}">${name}</p>`.toString(),
    '<p title="&lt;b&gt;&quot;O&#39;Neil&quot; &amp; sons&lt;/b&gt;">&lt;b&gt;&quot;O&#39;Neil&quot; &amp; sons&lt;/b&gt;</p>',
  )
  t.equal(
    html`<ul>${['a', '<b>'].map((item) => html`<li>${item}</li>`)}</ul>`.toString(),
    '<ul><li>a</li><li>&lt;b&gt;</li></ul>',
  )
  t.equal(html`${null}${undefined}${false}${0}${''}`.toString(), '0')
  t.equal(html`<i>${html`<b>${'&amp;'}</b>`}</i>`.toString(), '<i><b>&amp;amp;</b></i>')
  t.equal(html``.toString(), '')
})

t.test('an object that only looks like markup is text', async (t) => {
  const impostor = { toString: () => '<script>' } as unknown as string
  t.throws(() => html`${impostor}`.toString(), TypeError)
})

t.test('no text can leave its place, and none is lost', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '=', ' ', 'lt;', '#39;', '--', 'script'),
    }),
  )
  fc.assert(
    fc.property(hostile, hostile, (inAttribute, inText) => {
      const markup = html`<p title="${inAttribute}">${inText}</p>`.toString()
      const parts = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/.exec(markup)
      return parts !== null && decode(parts[1]!) === inAttribute && decode(parts[2]!) === inText
    }),
    { numRuns: 300 },
  )
})

t.test('web addresses', async (t) => {
  t.equal(webAddress('https://desk.example.com/t/1?a=b&c="d"'), 'https://desk.example.com/t/1?a=b&c=%22d%22')
  t.equal(webAddress('HTTP://localhost:3000'), 'http://localhost:3000/')
  for (const bad of [
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    '/tickets/1',
    'ftp://x',
    '',
  ]) {
    t.throws(() => webAddress(bad), TypeError, bad)
  }
})
