import { once } from 'node:events'
import { createServer } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { CLEAN, type ClamdReply, FOUND, startFakeClamd, TOO_LONG, until } from '@servicedesk/testing'
import t from 'tap'
import { createScanner, readScanner } from '../src/index.ts'

const clamd = await startFakeClamd(t)
const scan = createScanner(clamd.settings)
const unavailable = { name: 'ClamdUnavailable' }
/** Asks for a scan of content by a clamd that behaves so. */
const scanned = (reply: ClamdReply, content: Readable = Readable.from([Buffer.from('content')])) => {
  clamd.reply = reply
  return scan(content)
}

t.test('clean content, and what is found in other', async (t) => {
  t.strictSame(await scanned(() => CLEAN), { signature: null, bytes: 7 })
  t.strictSame(await scanned(() => FOUND), { signature: 'Fake.Test.Signature', bytes: 7 })
  t.strictSame(await scanned(() => 'stream: Two words FOUND'), { signature: 'Two words', bytes: 7 })
})

t.test(
  'clamd gets the content whole: large, in odd pieces, as text, with empty pieces, and none',
  async (t) => {
    const large = Buffer.from(Array.from({ length: 3_000_001 }, (_, n) => n % 251))
    for (const pieces of [
      [large],
      [Buffer.from('a'), Buffer.alloc(0), Buffer.from('b'), Buffer.alloc(0)],
      ['ä', '', 'ö'],
      [],
    ]) {
      const { bytes } = await scanned(() => CLEAN, Readable.from(pieces))
      const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
      t.ok(clamd.scanned.at(-1)?.equals(whole), `${whole.length} bytes`)
      t.equal(bytes, whole.length)
    }
  },
)

t.test('content beyond its limits is told from a clamd that is away', async (t) => {
  const tooLong = { name: 'StreamTooLong' }
  await t.rejects(scanned({ early: TOO_LONG }), tooLong)
  await t.rejects(
    scanned(() => TOO_LONG),
    tooLong,
  )
  const exceeded = 'stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND'
  await t.rejects(
    scanned(() => exceeded),
    { ...tooLong, message: /MaxFileSize/ },
  )
})

t.test('an early answer ends the sending of content that has no end', async (t) => {
  const endless = new PassThrough()
  endless.write('the first of it')
  await t.rejects(scanned({ early: TOO_LONG }, endless), { name: 'StreamTooLong' })
  t.ok(endless.destroyed)
})

t.test('whatever is no clear verdict fails closed', async (t) => {
  for (const answer of [
    '',
    'OK',
    'stream: ok',
    'stream: OK ',
    'stream:  FOUND',
    'xstream: OK',
    'stream: OK\nstream: Fake FOUND',
    'stream: OK ERROR',
    'COMMAND READ TIMED OUT',
    'UNKNOWN COMMAND',
    '220 mail.example ESMTP',
  ]) {
    await t.rejects(
      scanned(() => answer),
      unavailable,
      JSON.stringify(answer),
    )
  }
  await t.rejects(
    scanned(() => 'x'.repeat(5_000)),
    unavailable,
    'endless',
  )
  await t.rejects(scanned('cut'), unavailable, 'broken off')
  for (const early of [CLEAN, FOUND]) {
    const half = new PassThrough()
    half.write('a half')
    await t.rejects(scanned({ early }, half), unavailable, `${early}, before it had everything`)
  }
})

t.test('an answer without its end is none', async (t) => {
  const server = createServer((socket) => socket.on('data', () => socket.end(CLEAN)).on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const port = (server.address() as { port: number }).port
  await t.rejects(createScanner({ host: '127.0.0.1', port })(Readable.from(['x'])), unavailable)
})

t.test('one that is down, does not read, or never answers is given up in time', async (t) => {
  const hasty = createScanner(clamd.settings, { idle: 50, total: 200 })
  const large = () => Readable.from(Array.from({ length: 500 }, () => Buffer.alloc(65_536)))
  clamd.reply = 'deaf'
  await t.rejects(hasty(large()), { ...unavailable, message: /does not read/ })
  clamd.reply = 'hang'
  await t.rejects(hasty(Readable.from(['x'])), { ...unavailable, message: /has not answered after 200 ms/ })
  await clamd.down()
  await t.rejects(hasty(Readable.from(['x'])), { ...unavailable, message: /ECONNREFUSED/ })
  await clamd.up()
  t.match(await scanned(() => CLEAN), { signature: null })
})

t.test('it may take its time to think', async (t) => {
  clamd.reply = async () => {
    const asked = performance.now()
    await until('more time to pass than reading may take', async () => performance.now() - asked > 150)
    return CLEAN
  }
  const patient = createScanner(clamd.settings, { idle: 50 })
  t.match(await patient(Readable.from(['x'])), { signature: null })
})

t.test('a source that fails is no verdict, and says so itself', async (t) => {
  const failing = new PassThrough()
  failing.write('half of it')
  const verdict = scanned(() => CLEAN, failing)
  await until('clamd to have the half', async () => clamd.read() > 0)
  failing.destroy(new Error('the store broke'))
  await t.rejects(verdict, { message: 'the store broke' })
  const broken = new PassThrough()
  broken.destroy(new Error('before it began'))
  await t.rejects(
    scanned(() => CLEAN, broken),
    { message: 'before it began' },
  )
})

t.test('a clamd that does not read holds the source back', async (t) => {
  const chunk = Buffer.alloc(1_048_576)
  let given = 0
  const source = new Readable({
    highWaterMark: 1,
    read() {
      given += 1
      this.push(given > 200 ? null : chunk)
    },
  })
  clamd.reply = 'deaf'
  await t.rejects(createScanner(clamd.settings, { idle: 300 })(source), unavailable)
  t.ok(given < 20, `${given} of 200 MB were read`)
  t.ok(source.destroyed)
})

t.test('CLAMD_URL', async (t) => {
  const read = (url?: string) => {
    const problems: string[] = []
    return [readScanner({ CLAMD_URL: url }, problems), problems] as const
  }
  t.strictSame(read(), [undefined, []])
  t.strictSame(read(''), [undefined, []])
  t.strictSame(read('tcp://scan.example:3311'), [{ host: 'scan.example', port: 3311 }, []])
  t.strictSame(read('tcp://127.0.0.1/'), [{ host: '127.0.0.1', port: 3310 }, []])
  t.strictSame(read('tcp://[::1]:3311'), [{ host: '::1', port: 3311 }, []])
  for (const wrong of [
    'scan:3310',
    'http://scan:3310',
    'tcp://',
    'tcp://a:0',
    'tcp://a:99999',
    'tcp://a/b',
    'x',
  ]) {
    t.match(read(wrong), [undefined, [/^CLAMD_URL must be tcp:\/\/host:port/]], wrong)
  }
})
