import { createTransport } from 'nodemailer'
import { headerText } from './text.ts'

/** Milliseconds. */
export interface MailTimeouts {
  /** To connect, to be greeted, and between two signs of life; 10,000 by default. */
  connection?: number
  greeting?: number
  socket?: number
  /** For one mail altogether, waiting for a free connection included; 60,000 by default. */
  send?: number
}

export interface MailerOptions {
  /** `smtp://user:password@host:port`, or `smtps://…`. */
  smtpUrl: string | undefined
  /** `ServiceDesk <servicedesk@example.com>` */
  from: string
  timeouts?: MailTimeouts
}

export interface OutgoingMail {
  /** One address. */
  to: string
  subject: string
  text: string
  html: string
  /** With its angle brackets (see `messageId`). */
  messageId: string
  headers?: Record<string, string>
}

export interface Mailer {
  /**
   * Hands one mail to the server. Throws MailRefused when the server will never take it or the address is none;
   * any other error may pass, and the mail may be tried again.
   */
  send(mail: OutgoingMail): Promise<void>
  /** Connects and signs in. Throws when that fails. */
  verify(): Promise<void>
  /** Lets running deliveries finish and closes all connections. */
  close(): void
}

/** A mail that no further attempt will deliver. */
export class MailRefused extends Error {
  /** The server's code, such as 550; undefined when the address was not even tried. */
  readonly responseCode: number | undefined

  constructor(message: string, responseCode?: number, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'MailRefused'
    this.responseCode = responseCode
  }
}

// One address: no spaces, quotes and separators, with which a header could hold more than one.
const ADDRESS = /^[^\s<>()[\],;:"@\\\p{Cc}]+@[^\s<>()[\],;:"@\\\p{Cc}]+$/u
const HEADER_NAME = /^[a-z][a-z0-9-]*$/i

/**
 * Creates a mailer over a pool of SMTP connections, which are opened when there is mail. Throws an Error fit for
 * a start-up message when the address of the server or of the sender is missing or makes no sense.
 */
export function createMailer({ smtpUrl, from, timeouts = {} }: MailerOptions): Mailer {
  const { connection = 10_000, greeting = 10_000, socket = 10_000, send: sendTimeout = 60_000 } = timeouts
  const transport = createTransport({
    url: checkedUrl(smtpUrl),
    pool: true,
    // A connection that the server closed while it lay idle is worth one more try at once; what fails after
    // that is for the queue, which waits longer each time.
    maxRequeues: 1,
    connectionTimeout: connection,
    greetingTimeout: greeting,
    socketTimeout: socket,
    // No text of ours ever names a file or a page to attach.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const sender = checkedSender(from)

  return {
    async send({ to, subject, text, html, messageId, headers = {} }) {
      if (!ADDRESS.test(to)) throw new MailRefused('The recipient is not a mail address')
      try {
        await transport.sendMail({
          from: sender,
          to: { name: '', address: to },
          subject: headerText(subject),
          text,
          html,
          messageId: headerText(messageId),
          headers: checkedHeaders(headers),
          signal: AbortSignal.timeout(sendTimeout),
        })
      } catch (error) {
        throw isRefusal(error) ? new MailRefused(error.message, error.responseCode, { cause: error }) : error
      }
    },
    async verify() {
      await transport.verify()
    },
    close: () => transport.close(),
  }
}

/**
 * A final "no" to the recipient or the message. A "no" to us (signing in, the sender's address) is final for the
 * server too, but is a fault of the configuration: mail waits until that is mended.
 */
function isRefusal(error: unknown): error is Error & { responseCode?: number } {
  if (!(error instanceof Error)) return false
  const { code, command, permanent } = error as { code?: unknown; command?: unknown; permanent?: unknown }
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return false
  // `permanent` is a code of 5xx, except 503, which is about the state of the connection.
  return command === 'API' || (command !== 'MAIL FROM' && permanent === true)
}

function checkedUrl(smtpUrl: string | undefined): string {
  if (smtpUrl === undefined || smtpUrl === '')
    throw new Error('No mail server is configured: set an SMTP URL')
  const url = URL.canParse(smtpUrl) ? new URL(smtpUrl) : undefined
  const sane = url && (url.protocol === 'smtp:' || url.protocol === 'smtps:') && url.hostname !== ''
  // The address holds a password and stays out of the message.
  if (!sane) throw new Error('The SMTP URL must look like smtp://user:password@host:587')
  return smtpUrl
}

function checkedSender(from: string): { name: string; address: string } {
  const [, name = '', address = from] = /^([^<>]*)<([^<>]*)>$/.exec(from.trim()) ?? []
  if (!ADDRESS.test(address.trim())) {
    throw new Error('The sender of mail must look like ServiceDesk <desk@example.com>')
  }
  return { name: headerText(name).replace(/^"(.*)"$/, '$1'), address: address.trim() }
}

function checkedHeaders(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => {
    if (!HEADER_NAME.test(name)) throw new TypeError(`Not the name of a header: ${JSON.stringify(name)}`)
    return [name, headerText(value)] as const
  })
  return Object.fromEntries(entries)
}
