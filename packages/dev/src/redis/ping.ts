import { connect } from 'node:net'

/** Whether a Redis answers there and has its data loaded. */
export function redisAnswers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 })
    const done = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.setEncoding('utf8')
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (answer.includes('+PONG')) done(true)
      else if (answer.includes('-')) done(false) // Still loading, or somebody else's Redis.
    })
    socket.once('timeout', () => done(false))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })
}
