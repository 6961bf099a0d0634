import fc from 'fast-check'
import t from 'tap'
import { decodeTextHead, hasSvgRoot } from '../src/text.ts'

const utf16le = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
const utf16be = (text: string) => utf16le(text).swap16()

t.test('what is text', async (t) => {
  t.equal(decodeTextHead(Buffer.from('ok\tüñ\r\n')), 'ok\tüñ\r\n')
  t.equal(decodeTextHead(Buffer.from('\x1b[31mred\x1b[0m')), '\x1b[31mred\x1b[0m', 'coloured logs')
  t.equal(decodeTextHead(utf16le('PowerShell says hi')), 'PowerShell says hi')
  t.equal(decodeTextHead(utf16be('hi')), 'hi')
  t.equal(decodeTextHead(Buffer.from('Gr\xf6\xdfe', 'latin1')), 'Größe', 'an old encoding')
  t.equal(decodeTextHead(Buffer.from([0xe5, 0x90, 0x8d, 0xe5])), '名', 'cut inside a character')
})

t.test('what consoles and DOS leave in text', async (t) => {
  t.equal(decodeTextHead(Buffer.from('beep\x07 50%\b\b\b51%\x0b\n')), 'beep\x07 50%\b\b\b51%\x0b\n')
  t.equal(decodeTextHead(Buffer.from('dir\r\n\x1a')), 'dir\r\n\x1a')
  t.equal(decodeTextHead(Buffer.from('one\x1atwo')), undefined)
  t.equal(decodeTextHead(Buffer.from('one\x1a\x1a')), undefined)
  t.equal(decodeTextHead(Buffer.from('one\x1a\n')), undefined)
})

t.test('what is not text', async (t) => {
  t.equal(decodeTextHead(Buffer.from('a\0b')), undefined)
  t.equal(decodeTextHead(Buffer.from([1, 2, 3])), undefined)
  t.equal(decodeTextHead(Buffer.from('no mark', 'utf16le')), undefined)
  t.equal(decodeTextHead(utf16le('a\0b')), undefined)
})

t.test('every printable text is text, however it is cut and encoded', async () => {
  const printable = fc.string({ unit: 'grapheme', maxLength: 80 }).filter((text) => !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(printable, fc.nat(200), (text, cut) => {
      return (
        decodeTextHead(Buffer.from(text).subarray(0, cut)) !== undefined &&
        decodeTextHead(utf16le(text)) !== undefined &&
        decodeTextHead(utf16be(text)) !== undefined
      )
    }),
  )
})

t.test('a NUL byte is never text in a single-byte encoding', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (before, after) => {
      const head = Buffer.concat([Buffer.from('x'), before, Buffer.from([0]), after])
      return decodeTextHead(head) === undefined
    }),
  )
})

t.test('svg is recognised behind any prologue', async (t) => {
  const roots = [
    '<svg>',
    '<svg/>',
    '  \n<SVG onload=x>',
    '\ufeff<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">',
    '<?xml version="1.0"?><!-- <html> --><svg>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg\n>',
    '<!DOCTYPE svg [ <!ENTITY a "]"> <!ENTITY b "c"> ]><svg>',
    `<!DOCTYPE x [ <!ENTITY a "]>"> <!ENTITY b ']>'> <!-- don't ]> --> <?p ']> ?> ]><svg>`,
    '<?xml-stylesheet href="x"?>\n<!DOCTYPE x><s:svg xmlns:s="http://www.w3.org/2000/svg">',
  ]
  for (const text of roots) t.ok(hasSvgRoot(text), text)
  for (const text of [
    '<html><svg>',
    'the <svg> tag',
    '<svgfont>',
    '<!-- <svg> -->',
    '',
    '<?xml version="1.0"?>',
    '<!DOCTYPE html [ <!ENTITY a "<svg>"> ]><html>',
    '<!DOCTYPE x [ "><svg>',
  ]) {
    t.notOk(hasSvgRoot(text), text)
  }
})

t.test('hostile prologues end soon: one that backtracks runs into the time limit of tests', async (t) => {
  for (const part of ['<!doctype [', '<!--', '<?', ']', '<!doctype ]  ', '[ ]']) {
    t.notOk(hasSvgRoot(`<!doctype ${part.repeat(1500)}`))
    t.notOk(hasSvgRoot(part.repeat(1500)))
  }
})
