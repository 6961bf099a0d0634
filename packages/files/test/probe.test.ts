import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import t from 'tap'
import { HEAD_BYTES, probe } from '../src/probe.ts'
import { CATEGORY_LIMITS, FILE_TYPES } from '../src/types.ts'
import { bmp } from './helpers/bmp.ts'
import { compoundFile, ELF, EXE, ooxml, PDF, RTF, SVG, tar, zip } from './helpers/bytes.ts'

const MB = 1024 * 1024
const dot = sharp({ create: { width: 4, height: 3, channels: 3, background: '#c00' } })

const judge = (filename: string, content: string | Buffer, declaredType?: string, size?: number) => {
  const head = Buffer.from(content).subarray(0, HEAD_BYTES)
  return probe({ filename, declaredType, head, size: size ?? Buffer.byteLength(content) })
}

/** `ok` or the code of the refusal. */
const verdict = async (...args: Parameters<typeof judge>) => {
  const result = await judge(...args)
  return result.ok ? 'ok' : result.code
}

const GENUINE: Record<string, () => Buffer | Promise<Buffer>> = {
  pdf: () => PDF,
  doc: () => compoundFile('WordDocument'),
  xls: () => compoundFile('Workbook'),
  ppt: () => compoundFile('PowerPoint Document'),
  docx: () => ooxml('docx'),
  xlsx: () => ooxml('xlsx'),
  pptx: () => ooxml('pptx'),
  rtf: () => RTF,
  png: () => dot.clone().png().toBuffer(),
  jpg: () => dot.clone().jpeg().toBuffer(),
  jpeg: () => dot.clone().jpeg().toBuffer(),
  gif: () => dot.clone().gif().toBuffer(),
  bmp: () => bmp([[0xff0000, 0x00ff00]], 24),
  webp: () => dot.clone().webp().toBuffer(),
  zip: () => zip({ 'a.txt': 'a' }),
  rar: () => Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), Buffer.alloc(40)]),
  '7z': () => Buffer.concat([Buffer.from('7z\xbc\xaf\x27\x1c\x00\x04', 'latin1'), Buffer.alloc(40)]),
  tar: () => tar('a.txt', 'a'),
  gz: () => gzipSync('a log'),
}

t.test('every type of the table is accepted as what it is', async (t) => {
  for (const type of FILE_TYPES) {
    const content = (await GENUINE[type.extension]?.()) ?? Buffer.from(`text of a ${type.extension} file\n`)
    const result = await judge(`Some File.${type.extension.toUpperCase()}`, content, type.mimeType)
    t.same(result, {
      ok: true,
      mimeType: type.mimeType,
      category: type.category,
      extension: type.extension,
      isPicture: type.category === 'images',
    })
  }
})

t.test('no type passes for another', async (t) => {
  const text = FILE_TYPES.filter((type) => type.content === 'text').map((type) => type.extension)
  for (const { extension } of FILE_TYPES) {
    for (const [actual, make] of Object.entries(GENUINE)) {
      // Whether a container holds the right document is decided on the whole file (see receive.test.ts).
      const container = ['docx', 'xlsx', 'pptx', 'zip', 'doc', 'xls', 'ppt'].includes(extension)
      if (actual === extension || (container && /^(doc|xls|ppt|zip)/.test(actual))) continue
      if (/^jpe?g$/.test(extension) && /^jpe?g$/.test(actual)) continue
      t.equal(await verdict(`a.${extension}`, await make()), 'type_mismatch', `${actual} named .${extension}`)
    }
    if (!text.includes(extension)) {
      t.equal(await verdict(`a.${extension}`, 'just words'), 'type_mismatch', `text named .${extension}`)
    }
  }
})

t.test('an Office document by its content type is not one of another program', async (t) => {
  t.equal(await verdict('a.docx', ooxml('xlsx')), 'type_mismatch')
  t.equal(await verdict('a.xlsx', ooxml('docx')), 'type_mismatch')
  t.equal(await verdict('backup.zip', ooxml('docx')), 'ok', 'it is a zip all the same')
  t.equal(await verdict('secret.docx', compoundFile('EncryptedPackage')), 'ok', 'with a password')
})

t.test('programs are refused under every name', async (t) => {
  for (const { extension } of FILE_TYPES) {
    t.equal(await verdict(`a.${extension}`, EXE), 'type_mismatch', `exe named .${extension}`)
    t.equal(await verdict(`a.${extension}`, ELF), 'type_mismatch', `elf named .${extension}`)
  }
  for (const name of ['setup.exe', 'run.sh', 'a.pdf.exe', 'a.jar', 'a.docm', 'noextension', '.png']) {
    t.equal(await verdict(name, 'x'), 'unsupported_type', name)
  }
})

t.test('svg is refused under every name', async (t) => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(SVG, 'utf16le')])
  t.equal(await verdict('a.svg', SVG, 'image/svg+xml'), 'unsupported_type')
  for (const name of ['a.xml', 'a.html', 'a.txt', 'a.js', 'a.log']) {
    t.equal(await verdict(name, SVG), 'unsupported_type', name)
    t.equal(await verdict(name, `<?xml version="1.0"?>\n<!-- x -->${SVG}`), 'unsupported_type', name)
    t.equal(await verdict(name, utf16), 'unsupported_type', name)
  }
  t.equal(await verdict('a.png', SVG), 'type_mismatch')
  t.equal(await verdict('page.html', `<!doctype html><body>${SVG}</body>`), 'ok', 'a page may contain one')
})

t.test('prose that begins like a binary format is text', async (t) => {
  for (const start of [
    'BMC Remedy is slow',
    'MZ is a German city code',
    'ID3 tags',
    'SQLite error',
    'FORM 27b',
  ]) {
    t.equal(await verdict('a.txt', `${start} and more words after that`), 'ok', start)
    t.not(await verdict('a.bmp', `${start} and more words after that`), 'ok', start)
  }
  t.equal(await verdict('page.txt', '<html><script>alert(1)</script>'), 'ok', 'served as an attachment')
})

t.test('documents in the guise of text', async (t) => {
  t.equal(await verdict('a.txt', PDF), 'type_mismatch')
  t.equal(await verdict('a.csv', RTF), 'type_mismatch')
})

t.test('a PDF may have something before its header', async (t) => {
  const behind = (junk: string | Buffer) => verdict('a.pdf', Buffer.concat([Buffer.from(junk), PDF]))
  t.equal(await behind('\n'), 'ok')
  t.equal(await behind('@PJL ENTER LANGUAGE=PDF\r\n'), 'ok')
  t.equal(await behind('x'.repeat(1024 - 5)), 'ok')
  t.equal(await behind('x'.repeat(1024 - 4)), 'type_mismatch', 'not in the first 1,024 bytes')
  const gif = await dot.clone().gif().toBuffer()
  const utf16 = Buffer.from('\ufeff<html>', 'utf16le')
  const markup = ['<html>', utf16, ' \n<script>', '\ufeff<?xml version="1.0"?>']
  for (const junk of ['MZ', EXE, ELF, '#!/bin/sh\n', '\n#!/bin/sh\n', gif, zip({ a: '' }), ...markup]) {
    t.equal(await behind(junk), 'type_mismatch', String(junk).slice(0, 20))
  }
})

t.test('a zip may be whatever begins as one', async (t) => {
  const types = [
    'openxmlformats-officedocument.presentationml.slideshow.main+xml',
    'ms-visio.drawing.main+xml',
    'ms-excel.template.macroEnabled.main+xml',
  ]
  for (const type of types) {
    const part = `<Types><Override PartName="/x.xml" ContentType="application/vnd.${type}"/></Types>`
    const file = zip({ '[Content_Types].xml': part, '_rels/.rels': '<Relationships/>', 'x.xml': '<x/>' })
    t.equal(await verdict('a.zip', file), 'ok', type)
    t.equal(await verdict('a.pdf', file), 'type_mismatch', type)
  }
  t.equal(await verdict('empty.zip', zip({})), 'ok')
  t.equal(await verdict('a.zip', 'PK and some words'), 'type_mismatch')
})

t.test('polyglots are what they begin as', async (t) => {
  const picture = Buffer.concat([await GENUINE.gif!(), zip({ 'evil.class': 'x' })])
  t.equal(await verdict('a.gif', picture), 'ok')
  t.equal(await verdict('a.zip', picture), 'type_mismatch')
  const script = Buffer.concat([Buffer.from('GIF89a=1;alert(1);//'), Buffer.from('\n'.repeat(40))])
  t.equal(
    await verdict('a.gif', script, 'text/javascript'),
    'type_mismatch',
    'the declared type gives it away',
  )
})

t.test('a real photograph', async (t) => {
  const photo = await readFile(new URL('./fixtures/Portrait_5.jpg', import.meta.url))
  t.equal(await verdict('IMG_0001.JPG', photo, 'image/jpeg'), 'ok')
  t.equal(await verdict('IMG_0001.png', photo, 'image/png'), 'type_mismatch')
  t.equal(await verdict('IMG_0001.jpg', photo, 'image/png'), 'type_mismatch')
})

t.test('sizes', async (t) => {
  t.equal(await verdict('a.txt', ''), 'empty')
  for (const type of FILE_TYPES.filter(({ content }) => content === 'text')) {
    const limit = CATEGORY_LIMITS[type.category]
    t.equal(await verdict(`a.${type.extension}`, 'x', undefined, limit), 'ok')
    t.equal(await verdict(`a.${type.extension}`, 'x', undefined, limit + 1), 'too_large')
  }
  const big = await judge('a.png', await GENUINE.png!(), 'image/png', 10 * MB + 1)
  t.match(big, { ok: false, code: 'too_large', message: 'Files in images may have at most 10 MB.' })
})

t.test('no input makes it fail instead of answer', async () => {
  const names = fc.oneof(
    fc.constantFrom(...FILE_TYPES.map((type) => `a.${type.extension}`)),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )
  const starts = fc.constantFrom(
    '',
    'PK\x03\x04',
    '\x89PNG\r\n\x1a\n',
    'BM',
    'GIF89a',
    '\x1f\x8b\x08',
    'RIFF',
    '%PDF',
  )
  await fc.assert(
    fc.asyncProperty(names, starts, fc.uint8Array({ maxLength: 300 }), async (filename, start, rest) => {
      const head = Buffer.concat([Buffer.from(start, 'latin1'), rest])
      const result = await probe({ filename, declaredType: undefined, head, size: head.length })
      return typeof result.ok === 'boolean'
    }),
    { numRuns: 500 },
  )
})
