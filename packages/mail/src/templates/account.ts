import type { Brand, MailDocument } from '../document.ts'
import type { AccountParams, MailTemplates } from './params.ts'
import { formatTime } from './shared.ts'

export function invitation(params: MailTemplates['invitation'], { productName }: Brand): MailDocument {
  const by = params.actorName === null ? 'An account was' : `${params.actorName} has`
  const made = params.actorName === null ? 'made for you' : 'made an account for you'
  return {
    subject: `Your ${productName} account`,
    preview: 'Choose a password to start.',
    heading: `Welcome to ${productName}`,
    recipientName: params.recipientName,
    blocks: [
      { kind: 'paragraph', text: `${by} ${made} at the service desk. Choose a password to start.` },
      { kind: 'action', label: 'Choose a password', url: params.url },
      validity(params),
    ],
    reason: 'You get this mail because an account was made with your address.',
    isOptional: false,
  }
}

export function passwordReset(params: MailTemplates['password_reset'], { productName }: Brand): MailDocument {
  return {
    subject: `Reset your ${productName} password`,
    preview: 'Choose a new password with this link.',
    heading: 'Reset your password',
    recipientName: params.recipientName,
    blocks: [
      { kind: 'paragraph', text: 'Somebody, probably you, asked to reset the password of your account.' },
      { kind: 'action', label: 'Choose a new password', url: params.url },
      validity(params),
      { kind: 'paragraph', text: 'If it was not you, do nothing: your password stays as it is.' },
    ],
    reason: 'You get this mail because a reset was asked for with your address.',
    isOptional: false,
  }
}

export function verifyEmail(params: MailTemplates['verify_email'], { productName }: Brand): MailDocument {
  return {
    subject: `Confirm your address for ${productName}`,
    preview: 'One click confirms that this address is yours.',
    heading: 'Confirm your address',
    recipientName: params.recipientName,
    blocks: [
      {
        kind: 'paragraph',
        text: 'An account was registered with this address. Please confirm that it is yours.',
      },
      { kind: 'action', label: 'Confirm the address', url: params.url },
      validity(params),
      { kind: 'paragraph', text: 'If you did not register, do nothing.' },
    ],
    reason: 'You get this mail because an account was registered with your address.',
    isOptional: false,
  }
}

function validity({ expiresAt, timeZone }: AccountParams) {
  const until = formatTime(expiresAt, timeZone)
  return { kind: 'paragraph', text: `The link works once, until ${until}.` } as const
}
