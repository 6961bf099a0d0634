/**
 * What a mail says, before it becomes HTML and plain text: templates write one document, and both forms are
 * complete because both are made from it.
 */
export interface MailDocument {
  subject: string
  /** One sentence that mail programs show beside the subject. */
  preview: string
  heading: string
  recipientName: string
  blocks: readonly Block[]
  /** Why the recipient gets this, in the small print. */
  reason: string
}

export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'ticket'; ref: string; title: string; priority: string | null }
  | { kind: 'facts'; rows: readonly (readonly [label: string, value: string])[] }
  /** What a person wrote, under a label such as `Ann Lee wrote`; line breaks are kept. */
  | { kind: 'quote'; label: string; text: string }
  | { kind: 'action'; label: string; url: string }

/** A finished mail. */
export interface RenderedMail {
  subject: string
  text: string
  html: string
}
