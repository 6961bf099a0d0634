import type { Part } from '../document.ts'
import { excerpt } from '../text.ts'
import type { Said, Thing, ThingKind, Things, Zoned } from './params.ts'
import { EXCERPT_LENGTH, formatTime, metricName, PREVIEW_LENGTH } from './shared.ts'

/** How a mail tells one thing. */
export interface Telling {
  /** The heading of a mail that tells nothing else. */
  heading: string
  /** What it is among other things: `Ann Lee wrote`. */
  label: string
  preview: string
  parts: readonly Part[]
  priority: string | null
  /** Why somebody is told of it. */
  reason: string
}

/** What a mail about one thing or several knows beside the things. */
type About = Zoned & { ticketRef: string }

const FOLLOWS = 'You get this mail because you take part in the ticket or watch it.'
const ASKED = 'You get this mail because you asked for mail of this kind.'

// A kind that is missing here does not compile.
const TELLERS: { [K in ThingKind]: (told: Things[K], about: About) => Telling } = {
  new_message: (said) => message(said, 'wrote', `New message from ${said.authorName}`),
  mention: (said) => message(said, 'mentioned you', `${said.authorName} mentioned you`),
  status_change: statusChange,
  ticket_created: ({ requesterName, priority, category }) => ({
    heading: `A new ticket from ${requesterName}`,
    label: `${requesterName} opened the ticket`,
    preview: `${priority} priority, ${category}.`,
    parts: [
      {
        kind: 'facts',
        rows: [
          ['Requester', requesterName],
          ['Priority', priority],
          ['Category', category],
        ],
      },
    ],
    priority,
    reason: ASKED,
  }),
  assignment_copy: ({ assigneeName, priority, actorName }) => {
    const by = actorName === null ? 'automatically' : `by ${actorName}`
    return {
      heading: `Assigned to ${assigneeName}`,
      label: `Assigned to ${assigneeName}`,
      preview: `${priority} priority, assigned ${by}.`,
      parts: [{ kind: 'paragraph', text: `The ticket was assigned ${by}.` }],
      priority,
      reason: ASKED,
    }
  },
  sla_warning: ({ metric, dueAt, priority }, { timeZone }) => {
    const due = formatTime(dueAt, timeZone)
    return {
      heading: `Due soon: ${metricName(metric)}`,
      label: `The ${metricName(metric)} is due soon`,
      preview: `The ${metricName(metric)} is due at ${due}.`,
      parts: [{ kind: 'facts', rows: [['Due', due]] }],
      priority,
      reason: 'You get this mail because the ticket is yours and you asked for warnings.',
    }
  },
  file_rejected: fileRejected,
  alert: ({ heading, message }) => ({
    heading,
    label: heading,
    preview: excerpt(message, PREVIEW_LENGTH),
    parts: [{ kind: 'quote', label: null, text: excerpt(message, EXCERPT_LENGTH) }],
    priority: null,
    reason: ASKED,
  }),
}

/** How to tell a thing. */
export function tell<K extends ThingKind>(kind: K, told: Things[K], about: About): Telling {
  return TELLERS[kind](told, about)
}

/** {@link tell} for one of several, whose kind and words belong together by construction. */
export function tellThing(thing: Thing, about: About): Telling {
  return tell(thing.kind, thing.told as Things[typeof thing.kind], about)
}

function message(said: Said, did: string, heading: string): Telling {
  const { authorName, text, isInternal } = said
  return {
    heading: isInternal ? `${heading} (internal note)` : heading,
    label: isInternal ? `${authorName} ${did} (internal note)` : `${authorName} ${did}`,
    preview: `${authorName}: ${excerpt(text, PREVIEW_LENGTH)}`,
    parts: [{ kind: 'quote', label: null, text: excerpt(text, EXCERPT_LENGTH) }],
    priority: null,
    reason: FOLLOWS,
  }
}

function statusChange(
  { actorName, oldStatus, newStatus, comment }: Things['status_change'],
  { ticketRef }: About,
): Telling {
  const status: Part = {
    kind: 'facts',
    rows: [
      ['Status', `${oldStatus} → ${newStatus}`],
      ...(actorName === null ? [] : [['Changed by', actorName] as const]),
    ],
  }
  const label = actorName === null ? 'Comment' : `${actorName} wrote`
  return {
    heading: `${ticketRef} is now ${newStatus}`,
    label: `Now ${newStatus}`,
    preview: `The ticket went from ${oldStatus} to ${newStatus}.`,
    parts: comment ? [status, { kind: 'quote', label, text: excerpt(comment, EXCERPT_LENGTH) }] : [status],
    priority: null,
    reason: 'You get this mail because you opened the ticket or watch it.',
  }
}

function fileRejected({ filename, uploaderName, signature, reason }: Things['file_rejected']): Telling {
  return {
    heading: signature === null ? 'A file could not be scanned' : 'A file is infected',
    label: signature === null ? 'A file could not be scanned' : 'A file is infected',
    preview: `${filename}: ${reason}`,
    parts: [
      { kind: 'paragraph', text: 'Nobody can open or download this file.' },
      {
        kind: 'facts',
        rows: [
          ['File', filename],
          ['Uploaded by', uploaderName],
          ...(signature === null ? [] : [['Found', signature] as const]),
        ],
      },
      { kind: 'quote', label: 'Why', text: excerpt(reason, EXCERPT_LENGTH) },
    ],
    priority: null,
    reason: 'You get this mail because you uploaded the file or are a supervisor of the desk.',
  }
}
