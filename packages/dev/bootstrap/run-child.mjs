import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** The person stopped us while a child was at work; exitCode is the shell's usual 128 + signal. */
export class Stopped extends Error {
  constructor(signal) {
    super(`Stopped by ${signal}.`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

/** npm may take half a minute to heed a signal while it unpacks. */
const patienceMs = 3000

/**
 * Runs a program to its end and answers its exit code and, unless stdio is 'inherit', its output.
 * SIGINT and SIGTERM are handed to it, and the promise is then rejected with Stopped once it is gone.
 */
export function runChild(file, args, { cwd, env = process.env, stdio = 'pipe' }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', stdio, stdio] })
    let output = ''
    let stoppedBy
    let timer
    const forward = (signal) => {
      stoppedBy = signal
      child.kill(signal)
      timer ??= setTimeout(() => child.kill('SIGKILL'), patienceMs)
    }
    const collect = (chunk) => {
      output += chunk
    }
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stderr?.setEncoding('utf8').on('data', collect)
    process.on('SIGINT', forward).on('SIGTERM', forward)
    const done = () => {
      clearTimeout(timer)
      process.off('SIGINT', forward).off('SIGTERM', forward)
    }
    child.once('error', (error) => {
      done()
      reject(error)
    })
    child.once('close', (code, signal) => {
      done()
      if (stoppedBy) reject(new Stopped(stoppedBy))
      else resolve({ code: code ?? 128 + constants.signals[signal], output })
    })
  })
}
