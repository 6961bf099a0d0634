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
  /** The recipient can ask for less of it; not so of mail about the account. */
  isOptional: boolean
}

/** What stands in a mail or in one of its entries. */
export type Part =
  | { kind: 'paragraph'; text: string }
  | { kind: 'facts'; rows: readonly (readonly [label: string, value: string])[] }
  /** What a person wrote, under a label such as `Ann Lee wrote` where one is needed; line breaks are kept. */
  | { kind: 'quote'; label: string | null; text: string }

export type Block =
  | Part
  | { kind: 'ticket'; ref: string; title: string; priority: string | null }
  /** One of several things that happened: what, when, and what there is to say of it. */
  | { kind: 'entry'; label: string; time: string | null; parts: readonly Part[] }
  | { kind: 'action'; label: string; url: string }

/** Whose mail it is. */
export interface Brand {
  productName: string
  /** Where a person chooses what is mailed. */
  preferencesUrl: string
}

/** A finished mail. */
export interface RenderedMail {
  subject: string
  text: string
  html: string
}
