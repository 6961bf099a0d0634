import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { createTestDesk } from '@servicedesk/testing'
import t, { type Test } from 'tap'
import { type FilePart, form } from '../helpers/form.ts'
import { PNG, pngOf } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const PHOTO = readFileSync(
  new URL('../../../../packages/files/test/fixtures/Landscape_6.jpg', import.meta.url),
)
const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const ticket = await makeTicket(send)
const upload = async (file: FilePart) => {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [file])
  return send('POST', '/files/upload', payload, headers)
}
const binary = (start: string) => Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(4_000)])
/** A copy of the photograph with `bytes` from `at` on. */
const changed = (at: number, ...bytes: number[]) => {
  const copy = Buffer.from(PHOTO)
  copy.set(bytes, at)
  return copy
}

const PROGRAMS: Record<string, Buffer> = {
  ELF: binary('\x7fELF\x02\x01\x01\x00'),
  PE: binary('MZ\x90\x00\x03\x00\x00\x00\x04'),
  'Mach-O': binary('\xcf\xfa\xed\xfe\x07\x00\x00\x01'),
  'universal Mach-O': binary('\xca\xfe\xba\xbe\x00\x00\x00\x02'),
  script: Buffer.from('#!/bin/sh\nrm -rf "$HOME"\n'),
}
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
const SVGS: Record<string, string | Buffer> = {
  plain: SVG,
  'after a mark': `\ufeff${SVG}`,
  'after a comment': `<!-- a harmless page -->\n${SVG}`,
  'after a document type': `<?xml version="1.0"?><!DOCTYPE svg [ <!ENTITY a "]>"> ]>${SVG}`,
  'in UTF-16': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(SVG, 'utf16le')]),
  'with a prefix': SVG.replace('<svg', '<s:svg').replace('xmlns=', 'xmlns:s='),
  compressed: gzipSync(SVG),
}

type Refusal = [file: FilePart, status: number, code: RegExp, detail?: RegExp]

/** Asserts that every file is refused for what it is, in a sentence, and that nothing of all of them is kept. */
async function refused(t: Test, ...refusals: Refusal[]) {
  const before = [await contentOf(desk), storedFiles(desk)]
  for (const [file, status, code, detail = /\w+ \w+.*\.$/] of refusals) {
    const body = isProblem(t, await upload(file), status, undefined, file.name)
    t.match(body, { code, detail }, file.name)
  }
  t.same([await contentOf(desk), storedFiles(desk)], before, 'nothing is left')
}
const MISMATCH = /^file_type_mismatch$/
const UNSUPPORTED = /^file_unsupported_type$/

t.test('programs under other names', async (t) => {
  const named = Object.entries(PROGRAMS).flatMap(([what, content]): Refusal[] => [
    ...['jpg', 'pdf', 'zip'].map((type): Refusal => [{ name: `${what}.${type}`, content }, 415, MISMATCH]),
    ...['exe', 'sh', 'jpg.bat'].map(
      (type): Refusal => [{ name: `${what}.${type}`, content }, 415, UNSUPPORTED],
    ),
  ])
  const asText = Object.entries(PROGRAMS).flatMap(([what, content]): Refusal[] =>
    what === 'script' ? [] : [[{ name: `${what}.txt`, content }, 415, MISMATCH]],
  )
  await refused(t, ...named, ...asText)
  const script = await upload({ name: 'how-to.txt', content: PROGRAMS.script ?? '' })
  t.equal(script.statusCode, 201, 'words are words: nothing runs a .txt')
})

t.test('SVG under any name and in any disguise', async (t) => {
  const disguised = Object.entries(SVGS).flatMap(([what, content]) =>
    ['svg', 'svgz', 'png', 'xml', 'html', 'txt'].map(
      (type): Refusal => [
        { name: `${what}.${type}`, content },
        415,
        /^file_(unsupported_type|type_mismatch)$/,
      ],
    ),
  )
  await refused(t, ...disguised)
})

t.test('a page under the name of a text is handed out as that text, to be saved', async (t) => {
  const page = '<!doctype html><script>alert(document.cookie)</script>'
  for (const name of ['page.txt', 'page.log', 'page.csv']) {
    const { id } = (await upload({ name, content: page, type: 'text/plain' })).json()
    const { headers } = await send('GET', `/files/${id}/download`)
    t.match(headers, {
      'content-type': name.endsWith('csv') ? /^text\/csv/ : /^text\/plain/,
      'content-disposition': /^attachment/,
      'x-content-type-options': 'nosniff',
      'content-security-policy': /sandbox/,
    })
  }
  await refused(
    t,
    [{ name: 'page.png', content: page }, 415, MISMATCH],
    [{ name: 'page.txt', content: page, type: 'text/html' }, 415, MISMATCH],
  )
})

t.test('bombs: more pixels than anybody looks at', async (t) => {
  const zeros = Buffer.alloc(600_000)
  const screen = Buffer.from('GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;', 'latin1')
  const bombs = Object.entries({
    '200-megapixels.png': pngOf(20_000, 10_000, zeros),
    'wide.png': pngOf(2 ** 31 - 1, 1, zeros),
    'screen.gif': screen,
  })
  const refusal = [413, /^file_too_large$/, /at most 100 megapixels/] as const
  await refused(t, ...bombs.map(([name, content]): Refusal => [{ name, content }, ...refusal]))
})

t.test('photographs that are cut off or corrupt', async (t) => {
  const damaged = /^The picture is cut off or damaged: .+\.$/
  const end = PHOTO.length
  const pictures = Object.entries({
    'half.jpg': PHOTO.subarray(0, end / 2),
    'almost.jpg': PHOTO.subarray(0, end - 1),
    'start.jpg': PHOTO.subarray(0, 4),
    'blank.jpg': Buffer.concat([PHOTO.subarray(0, 400), Buffer.alloc(end - 400)]),
    'twice.jpg': changed(end - 5_000, 0xff, 0xd8),
    'half.png': PNG.subarray(0, PNG.length / 2),
    'checksum.png': Buffer.concat([PNG.subarray(0, 29), Buffer.alloc(4), PNG.subarray(33)]),
    'none.gif': Buffer.from('GIF89a and then no picture at all'),
  })
  await refused(t, ...pictures.map(([name, content]): Refusal => [{ name, content }, 415, MISMATCH, damaged]))
})
