import { execFile } from 'node:child_process'

/**
 * Runs a program to its end.
 * @returns what it printed
 * @throws Error with the last line of its complaint; the signal's reason when stopped
 */
export function runProgram(file: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, ...(signal ? { signal } : {}) }
    execFile(file, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      if (signal?.aborted) return reject(signal.reason)
      if ('code' in error && error.code === 'ENOENT') return reject(new Error(`there is no ${file} here`))
      reject(new Error(stderr.trim().split('\n').at(-1) || error.message))
    })
  })
}
