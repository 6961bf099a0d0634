import type { Socket } from 'node:net'
import { ClamdUnavailable, StreamTooLong } from './errors.ts'

/** clamd's answers are a line: more without an end is none of its. */
const LONGEST_ANSWER = 4_096

/**
 * The first answer on a connection, without the NUL that ends it.
 * @throws ClamdUnavailable when the connection ends before
 */
export function readAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      const end = text.indexOf('\0')
      if (end >= 0) resolve(text.slice(0, end))
      else if (text.length > LONGEST_ANSWER) reject(new ClamdUnavailable('answers without an end'))
    })
    socket.on('error', (error) => reject(asUnavailable(error)))
    socket.on('close', () => reject(new ClamdUnavailable('closed the connection without an answer')))
  })
}

/** The error of a socket as one to try again after. */
export function asUnavailable(error: Error): ClamdUnavailable {
  return error instanceof ClamdUnavailable
    ? error
    : new ClamdUnavailable(`cannot be reached: ${error.message}`, { cause: error })
}

/**
 * What an answer to INSTREAM means: the name of the signature that was found, or null for clean content. Whatever is not
 * clearly one of these fails closed.
 * @param isComplete whether clamd had been given everything when it answered
 * @throws StreamTooLong, ClamdUnavailable
 */
export function signatureIn(answer: string, isComplete: boolean): string | null {
  if (answer === 'INSTREAM size limit exceeded. ERROR') throw new StreamTooLong(answer)
  if (isComplete && answer === 'stream: OK') return null
  const signature = isComplete ? /^stream: (\S.*) FOUND$/.exec(answer)?.[1] : undefined
  if (signature === undefined) throw new ClamdUnavailable(`answered ${JSON.stringify(answer.slice(0, 200))}`)
  // With AlertExceedsMax: not a find, but a part that was never looked at.
  if (signature.startsWith('Heuristics.Limits.Exceeded')) throw new StreamTooLong(signature)
  return signature
}
