import { type Changes, type Executor, users } from '@servicedesk/db'
import { currentTraceparent, type OutboxRow } from '@servicedesk/jobs/emit'
import { and, eq } from 'drizzle-orm'
import {
  type ConfigurationCache,
  findNamed,
  firstOfClass,
  type Named,
  requireNamed,
} from '../config/configuration.ts'
import type { FileRules } from '../files/quota.ts'
import type { StoredFile } from '../files/stored-file.ts'
import { canCreateFor } from '../policy/policy.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, forbidden, invalid } from '../shared/errors.ts'
import { matchPolicy } from '../sla/match-policy.ts'
import { newClocks } from '../sla/targets.ts'
import { createTicketStatement, type NewAttachment } from './create-statement.ts'
import type { TicketRow } from './ticket-rows.ts'

export interface NewTicket {
  title: string
  description: string
  priority?: string | undefined
  category?: string | undefined
  /** The requester, when staff writes on somebody's behalf. */
  created_by?: number | undefined
}

const DEFAULTS = { priority: 'Medium', category: 'Other' }

/**
 * Creates a ticket with its files, clocks, events and jobs in one statement.
 * @returns the ticket as created (a worker may assign it the next moment), and what to dispatch and publish
 * @throws DomainError 400 naming the member, 403 for acting on another's behalf
 */
export async function createTicket(
  db: Executor,
  cache: ConfigurationCache,
  actor: Actor,
  input: NewTicket,
  files: readonly StoredFile[],
  now: Date,
  { isScanned }: Pick<FileRules, 'isScanned'>,
): Promise<{ row: TicketRow; owed: OutboxRow[]; changes: Changes }> {
  const requester = await requesterOf(db, actor, input.created_by)
  let configuration = await cache.get({ within: db })
  const wanted = {
    priority: input.priority ?? nameOrLast(configuration.priorities, DEFAULTS.priority),
    category: input.category ?? nameOrLast(configuration.categories, DEFAULTS.category),
  }
  // A name that another node's admin has just added is not refused on the word of an old copy.
  if (
    !findNamed(configuration.priorities, wanted.priority) ||
    !findNamed(configuration.categories, wanted.category)
  ) {
    configuration = await cache.get({ fresh: true, within: db })
  }
  const priority = requireNamed(configuration.priorities, wanted.priority, 'priority')
  const category = requireNamed(configuration.categories, wanted.category, 'category')
  const status = firstOfClass(configuration, 'new')
  const subject = { priorityId: priority.id, categoryId: category.id, teamId: category.teamId }
  const policy = matchPolicy(configuration.policies, subject)
  const clocks = newClocks(configuration, policy, now)
  const [made] = await createTicketStatement.run(db, {
    title: input.title,
    description: input.description,
    statusId: status.id,
    statusClass: status.class,
    ...subject,
    createdBy: requester.id,
    actorId: actor.id,
    reportedBy: requester.id === actor.id ? null : actor.id,
    now: now.toISOString(),
    clocks: JSON.stringify(clocks),
    files: JSON.stringify(files.map((file) => asJson(file, isScanned))),
    traceparent: currentTraceparent(),
    mail: JSON.stringify({
      title: input.title,
      requester: requester.name,
      priority: priority.name,
      category: category.name,
    }),
    groupSeconds: configuration.mail.groupSeconds,
  })
  if (made === undefined) throw new Error('the create statement returned no row')
  const at = now.toISOString()
  return {
    owed: made.jobs,
    changes: { events: [{ ticketId: made.id, seq: 1 }], alerts: made.alerts ?? [], users: [], exports: [] },
    row: {
      id: made.id,
      title: input.title,
      description: input.description,
      status: status.name,
      priority: priority.name,
      category: category.name,
      created_by: requester.id,
      created_by_name: requester.name,
      assigned_to: null,
      assigned_agent_name: null,
      team: configuration.teams.find((team) => team.id === category.teamId)?.name ?? null,
      escalation_level: 0,
      created_at: at,
      updated_at: at,
      first_response_at: null,
      resolved_at: null,
      closed_at: null,
      version: 1,
      clocks: clocks.map(({ metric, target_seconds, calendar_version_id, due_at }) => ({
        metric,
        target_seconds,
        calendar_version_id,
        due_at,
        state: 'running',
        policy: policy?.name ?? '',
        elapsed_ms: 0,
        running_since: at,
        warned_at: null,
        breached_at: null,
      })),
    },
  }
}

/** The default's name; the last row's where the desk has renamed or deleted it. */
function nameOrLast(rows: readonly Named[], name: string): string {
  return findNamed(rows, name)?.name ?? rows.at(-1)?.name ?? name
}

async function requesterOf(
  db: Executor,
  actor: Actor,
  requester: number | undefined,
): Promise<{ id: number; name: string }> {
  if (requester === undefined || requester === actor.id) return actor
  assertThat(canCreateFor(actor, requester), forbidden('Only staff create tickets on behalf of others'))
  const [row] = await db
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(and(eq(users.id, requester), eq(users.isActive, true)))
  assertThat(row !== undefined, invalid('created_by', 'is not an active user'))
  return row
}

function asJson(file: StoredFile, isScanned: boolean): NewAttachment {
  return {
    id: file.id,
    filename: file.filename,
    extension: file.extension,
    mime_type: file.mimeType,
    category: file.category,
    bytes: file.bytes,
    sha256: file.sha256,
    store: file.store,
    storage_key: file.storageKey,
    status: isScanned ? 'scanning' : 'ready',
    thumbnail: file.isPicture ? 'pending' : 'none',
    width: file.width,
    height: file.height,
  }
}
