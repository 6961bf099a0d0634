import { migrate } from '@servicedesk/db'

// A process of its own, as `npm run migrate` is one; it tells when it is ready and starts when it is told.
process.once('message', (url) => {
  migrate(String(url)).then(
    () => process.exit(0),
    (error) => {
      process.stderr.write(`${error}\n`)
      process.exit(1)
    },
  )
})
process.send?.('ready')
