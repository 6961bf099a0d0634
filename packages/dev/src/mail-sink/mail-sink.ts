import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'
import type { Mailbox } from './mailbox.ts'

const maxBytes = 50 * 1024 * 1024

/** An SMTP server that delivers nothing: it answers 250 once the mail is in the mailbox. */
export function createMailSink(mailbox: Mailbox): SMTPServer {
  return new SMTPServer({
    size: maxBytes,
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, callback) {
      mailbox
        .keep(stream, () => tooLarge(stream))
        .then(
          () => callback(null),
          (error: Error) => callback(error),
        )
    },
  })
}

function tooLarge(stream: SMTPServerDataStream): Error | undefined {
  if (!stream.sizeExceeded) return undefined
  return Object.assign(new Error('The mail is too large'), { responseCode: 552 })
}
