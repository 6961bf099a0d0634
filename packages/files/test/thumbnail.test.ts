import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import t from 'tap'
import { ThumbnailImpossible } from '../src/errors.ts'
import { createThumbnailer } from '../src/thumbnail.ts'
import { bmp } from './helpers/bmp.ts'
import { apng, PDF, pngHeader, SVG, zip } from './helpers/bytes.ts'
import { BLUE, GREEN, quarters, RED, readQuarters, WHITE } from './helpers/pictures.ts'
import { dying, inPieces } from './helpers/sources.ts'

const { makeThumbnails } = createThumbnailer()
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))

t.test('every size in every format, inside the square', async (t) => {
  const thumbnails = await makeThumbnails(await quarters(1800, 1200).png().toBuffer())
  t.same(
    thumbnails.map(({ size, format, mimeType, width, height }) => [size, format, mimeType, width, height]),
    [
      [150, 'webp', 'image/webp', 150, 100],
      [150, 'jpeg', 'image/jpeg', 150, 100],
      [300, 'webp', 'image/webp', 300, 200],
      [300, 'jpeg', 'image/jpeg', 300, 200],
      [600, 'webp', 'image/webp', 600, 400],
      [600, 'jpeg', 'image/jpeg', 600, 400],
    ],
  )
  for (const { data, format, width, height } of thumbnails) {
    t.match(await sharp(data).metadata(), { format, width, height })
    t.same(await readQuarters(data), [RED, GREEN, BLUE, WHITE])
  }
})

t.test('a small picture is not enlarged, a thin one keeps a pixel', async (t) => {
  const small = await makeThumbnails(await quarters(40, 30).png().toBuffer())
  for (const { width, height } of small) t.same([width, height], [40, 30])
  const thin = await makeThumbnails(await quarters(4000, 2).png().toBuffer())
  t.same([thin[0]!.width, thin[0]!.height], [150, 1])
})

t.test('all eight EXIF orientations come out upright', async (t) => {
  // What each orientation's quarters must hold, so that it shows red, green / blue, white.
  const stored: Record<number, (typeof RED | typeof GREEN | typeof BLUE | typeof WHITE)[]> = {
    1: [RED, GREEN, BLUE, WHITE],
    2: [GREEN, RED, WHITE, BLUE],
    3: [WHITE, BLUE, GREEN, RED],
    4: [BLUE, WHITE, RED, GREEN],
    5: [RED, BLUE, GREEN, WHITE],
    6: [GREEN, WHITE, RED, BLUE],
    7: [WHITE, GREEN, BLUE, RED],
    8: [BLUE, RED, WHITE, GREEN],
  }
  for (const [orientation, colours] of Object.entries(stored)) {
    const turned = Number(orientation) >= 5
    const picture = quarters(turned ? 400 : 800, turned ? 800 : 400, colours)
    const file = await picture
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: Number(orientation) })
      .toBuffer()
    for (const { data, width, height, size } of await makeThumbnails(file)) {
      t.same([width, height], [size, size / 2], `${orientation}: lies on its long side`)
      t.same(await readQuarters(data), [RED, GREEN, BLUE, WHITE], `${orientation}: upright`)
    }
  }
})

t.test('real photographs, upright and without metadata, from a path, a buffer or a stream', async (t) => {
  const path = fixture('Landscape_6.jpg')
  const before = await sharp(path).metadata()
  t.match(before, { orientation: 6, width: 1200, height: 1800 })
  const photo = await readFile(path)
  for (const original of [path, photo, inPieces(photo)]) {
    const thumbnails = await makeThumbnails(original)
    t.equal(thumbnails.length, 6)
    for (const { data, size, width, height } of thumbnails) {
      t.same([width, height], [size, Math.round((size * 2) / 3)])
      const { exif, icc, iptc, xmp, orientation } = await sharp(data).metadata()
      t.same([exif, icc, iptc, xmp, orientation], Array(5).fill(undefined))
    }
  }
  const portrait = await makeThumbnails(fixture('Portrait_5.jpg'))
  t.same([portrait[0]!.width, portrait[0]!.height], [100, 150])
})

t.test('no metadata of any kind survives', async (t) => {
  const exif = {
    IFD0: { Copyright: 'Secret Person', Model: 'Phone' },
    IFD3: { GPSLatitude: '48/1 51/1 0/1' },
  }
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/">Secret Person</x:xmpmeta>'
  const file = await quarters(300, 200).withExif(exif).withXmp(xmp).withIccProfile('p3').jpeg().toBuffer()
  t.ok(file.includes('Secret Person'), 'the original has it')
  for (const { data } of await makeThumbnails(file)) {
    t.notOk(data.includes('Secret Person'))
    const found = await sharp(data).metadata()
    t.same([found.exif, found.xmp, found.icc], [undefined, undefined, undefined])
  }
})

t.test('transparency stays in WebP and is white in JPEG', async (t) => {
  const clear = sharp({
    create: { width: 50, height: 50, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
  const [webp, jpeg] = await makeThumbnails(await clear.png().toBuffer())
  t.equal((await sharp(webp!.data).stats()).isOpaque, false)
  t.same((await sharp(jpeg!.data).raw().toBuffer()).subarray(0, 3), Buffer.from([255, 255, 255]))
})

t.test('of an animation the first frame', async (t) => {
  const first = quarters(60, 40)
  const second = sharp({ create: { width: 60, height: 40, channels: 3, background: '#000' } })
  const frames = await Promise.all([first, second].map((frame) => frame.png().toBuffer()))
  t.same(
    await readQuarters((await makeThumbnails(apng(frames[0]!, frames[1]!)))[0]!.data),
    [RED, GREEN, BLUE, WHITE],
    'APNG',
  )
  for (const format of ['gif', 'webp'] as const) {
    const animated = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer()
    t.equal((await sharp(animated, { pages: -1 }).metadata()).pages, 2)
    for (const { data, width, height } of await makeThumbnails(animated)) {
      t.same([width, height], [60, 40])
      t.same(await readQuarters(data), [RED, GREEN, BLUE, WHITE], format)
    }
  }
})

t.test('what follows a picture does not come along', async (t) => {
  const page = Buffer.from('<html><script>alert("tail")</script></html>')
  const film = Buffer.concat([
    Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0tail of a film', 'latin1'),
    Buffer.alloc(9_000, 7),
  ])
  const archive = zip({ 'tail.class': Buffer.alloc(3_000, 'tail') })
  for (const format of ['jpeg', 'png', 'gif', 'webp'] as const) {
    const picture = await quarters(60, 40).toFormat(format).toBuffer()
    const alone = await makeThumbnails(picture)
    for (const tail of [page, film, archive]) {
      const thumbnails = await makeThumbnails(Buffer.concat([picture, tail]))
      t.same(thumbnails, alone, `${format}: the same bytes as without it`)
      t.notOk(thumbnails.some(({ data }) => data.includes('tail')))
    }
  }
})

t.test('bitmaps, which libvips cannot read', async (t) => {
  const number = ([r, g, b]: readonly [number, number, number]) => (r << 16) | (g << 8) | b
  const row = (left: typeof RED | typeof BLUE, right: typeof GREEN | typeof WHITE) =>
    [...Array(20)].map((_, x) => number(x < 10 ? left : right))
  const rows = [...Array(20)].map((_, y) => (y < 10 ? row(RED, GREEN) : row(BLUE, WHITE)))
  for (const { data, width, height } of await makeThumbnails(bmp(rows, 24))) {
    t.same([width, height], [20, 20])
    t.same(await readQuarters(data), [RED, GREEN, BLUE, WHITE])
  }
})

t.test('a photograph cut off at its end still gives a thumbnail', async (t) => {
  const photo = await readFile(fixture('Landscape_6.jpg'))
  const thumbnails = await makeThumbnails(photo.subarray(0, Math.floor(photo.length * 0.6)))
  t.same([thumbnails[0]!.width, thumbnails[0]!.height], [150, 100])
  const png = await quarters(400, 400).png().toBuffer()
  t.equal((await makeThumbnails(png.subarray(0, Math.floor(png.length * 0.8)))).length, 6)
})

t.test('what can never have a thumbnail', async (t) => {
  const jpeg = await quarters(100, 100).jpeg().toBuffer()
  const impossible: [what: string, file: Buffer][] = [
    ['a pixel bomb', pngHeader(14_000, 14_000)],
    ['a larger one', pngHeader(2 ** 31 - 1, 2 ** 31 - 1)],
    [
      'a bomb of bitmap',
      bmp([[0]], 24)
        .fill(0x7f, 18, 20)
        .fill(0x7f, 22, 24),
    ],
    ['svg', Buffer.from(SVG)],
    ['pdf', PDF],
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('just words')],
    ['a header alone', jpeg.subarray(0, 20)],
    ['garbage behind a signature', Buffer.concat([jpeg.subarray(0, 4), Buffer.alloc(5000, 0x5a)])],
    ['tiff, which sharp could read', await quarters(10, 10).tiff().toBuffer()],
    ['avif, which sharp could read', await quarters(16, 16).avif().toBuffer()],
  ]
  for (const [what, file] of impossible) await t.rejects(makeThumbnails(file), ThumbnailImpossible, what)
})

t.test('the pixel limit is an option', async (t) => {
  const file = await quarters(100, 100).png().toBuffer()
  await t.rejects(createThumbnailer({ pixelLimit: 9_999 }).makeThumbnails(file), ThumbnailImpossible)
  t.equal((await createThumbnailer({ pixelLimit: 10_000 }).makeThumbnails(file)).length, 6)
})

t.test('a source that fails may be tried again', async (t) => {
  const failing = dying(Buffer.from('x'), (stream) => stream.destroy(new Error('store is away')))
  const failure = await makeThumbnails(failing).catch((error) => error)
  t.equal(failure.message, 'store is away')
  t.notOk(failure instanceof ThumbnailImpossible)
})
