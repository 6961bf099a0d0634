import { Readable } from 'node:stream'

/** Streams `content` in pieces of `size` bytes. */
export function inPieces(content: Buffer, size = 1000): Readable {
  function* pieces() {
    for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
  }
  return Readable.from(pieces(), { objectMode: false })
}

/** Streams `content` and then, instead of ending, dies as `end` says. */
export function dying(content: Buffer, end: (stream: Readable) => void): Readable {
  let sent = false
  return new Readable({
    read() {
      if (!sent) this.push(content)
      else setImmediate(() => end(this))
      sent = true
    },
  })
}

/** A stream without end, and a count of what was taken from it. */
export function endless(start: Buffer): { stream: Readable; taken(): number } {
  let taken = 0
  const stream = new Readable({
    read() {
      const chunk = taken === 0 ? start : Buffer.alloc(64 * 1024, 'x')
      taken += chunk.length
      this.push(chunk)
    },
  })
  return { stream, taken: () => taken }
}
