import { parseArgs } from 'node:util'
import { createMailSink } from './mail-sink.ts'
import { openMailbox } from './mailbox.ts'

const { values } = parseArgs({ options: { port: { type: 'string' }, mailbox: { type: 'string' } } })
if (!values.port || !values.mailbox) throw new Error('Usage: main.js --port PORT --mailbox FOLDER')

const sink = createMailSink(openMailbox(values.mailbox))
const stop = () => sink.close(() => process.exit(0))
process.once('SIGTERM', stop)
process.once('disconnect', stop) // The supervisor is gone, even by kill -9.
sink.on('error', (error) => {
  console.error(error)
  // A broken connection is the sender's trouble; a port that is taken is ours.
  if (!sink.server.listening) process.exit(1)
})
sink.listen(Number(values.port), '127.0.0.1', () => process.send?.({ type: 'ready' }))
