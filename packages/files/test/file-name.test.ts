import fc from 'fast-check'
import t from 'tap'
import { extensionOf, safeFilename } from '../src/file-name.ts'

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 120 }).map((stem) => `${stem}.png`),
  fc.string({
    unit: fc.constantFrom('/', '\\', '.', ' ', '\u202e', '\0', '\ud800', 'é', '名', 'a'),
    maxLength: 60,
  }),
)

t.test('names that clients really send', async (t) => {
  const cases: [given: string, expected: string][] = [
    ['report.pdf', 'report.pdf'],
    ['C:\\Users\\Ann\\Desktop\\error log.txt', 'error log.txt'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['scan\0.pdf', 'scan.pdf'],
    ['line\r\nSet-Cookie: x.log', 'lineSet-Cookie: x.log'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['Größe – 写真 (1).jpg', 'Größe – 写真 (1).jpg'],
    ['صورة.png', 'صورة.png'],
    ['Cafe\u0301.txt', 'Café.txt'],
    ['.htaccess', 'htaccess'],
    ['invoice.txt. . .', 'invoice.txt'],
    ['', 'file'],
    ['...', 'file'],
    ['/', 'file'],
    ['\u2066\u2069', 'file'],
  ]
  for (const [given, expected] of cases) t.equal(safeFilename(given), expected, JSON.stringify(given))
})

t.test('a long name keeps its extension and splits no character', async (t) => {
  const long = safeFilename(`${'名'.repeat(200)}.docx`)
  t.equal(long, `${'名'.repeat(83)}.docx`)
  t.ok(Buffer.byteLength(long) <= 255)
  const noExtension = safeFilename(`a.${'b'.repeat(300)}`)
  t.equal(noExtension, `a.${'b'.repeat(253)}`)
})

t.test('every name comes out safe, and safe names stay', async () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const safe = safeFilename(name)
      if (safe === '' || Buffer.byteLength(safe) > 255) return false
      if (/[/\\\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(safe)) return false
      if (/^[.\s]|[.\s]$/u.test(safe)) return false
      return safeFilename(safe) === safe
    }),
    { numRuns: 2000 },
  )
})

t.test('cutting never changes a short extension', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (any) => {
      const stem = any.replace(/[/\\]/g, '')
      return extensionOf(safeFilename(`x${stem}.pptx`)) === 'pptx'
    }),
  )
})

t.test('extensions', async (t) => {
  t.equal(extensionOf('A.TXT'), 'txt')
  t.equal(extensionOf('backup.tar.gz'), 'gz')
  t.equal(extensionOf('invoice.pdf.exe'), 'exe')
  t.equal(extensionOf('README'), '')
  t.equal(extensionOf('.env'), '')
  t.equal(extensionOf('odd.'), '')
})
