import { type CalendarHoliday, calendars, calendarVersions, type Tx } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import { holidaysOfIcal } from '../calendars/import-ical.ts'
import type { Actor } from '../shared/actor.ts'
import { notFound } from '../shared/errors.ts'
import {
  assertWorks,
  type CalendarContent,
  type CalendarInput,
  holidaysOf,
  inOrder,
  intervalsOf,
  timeZoneOf,
} from './calendar-input.ts'
import { type PreviewInput, preview } from './calendar-preview.ts'
import { writeVersion } from './calendar-versions.ts'
import { calendarView } from './calendars.ts'
import type { Configuration } from './configuration.ts'
import { createEditor, type EditorDeps } from './editor.ts'
import { freeName } from './names.ts'
import { assertUnused } from './usage.ts'

function views(configuration: Configuration) {
  return configuration.calendars.map(calendarView)
}

/** Calendars. What one says is kept in versions: an edit of that writes a new one, and open clocks are counted anew. */
export function createCalendarService(deps: EditorDeps) {
  const editor = createEditor(deps, { entity: 'calendar', title: 'Calendar', views })
  return {
    list: editor.list,
    get: editor.get,

    /** @throws DomainError 400 naming the member, 409 for a name that is taken */
    create(actor: Actor, input: CalendarInput, outer?: Tx) {
      return editor.create(
        actor,
        async (edit) => {
          const { tx, current, now } = edit
          const name = freeName(current.calendars, input.name)
          const content = contentOf(input)
          assertWorks(content, now)
          const [row] = await tx.insert(calendars).values({ name }).returning({ id: calendars.id })
          if (row === undefined) throw new Error('the calendar was not inserted')
          await tx.insert(calendarVersions).values({ ...content, calendarId: row.id, createdAt: now })
          return row.id
        },
        outer,
      )
    },

    /** Members that are not given stay. @throws DomainError 400 naming the member, 404, 409 */
    update(actor: Actor, id: number, input: Partial<CalendarInput>) {
      return editor.update(actor, id, async (edit) => {
        const { tx, current } = edit
        const row = requireRow(current, id)
        if (input.name !== undefined) {
          const name = freeName(current.calendars, input.name, id)
          await tx.update(calendars).set({ name }).where(eq(calendars.id, id))
        }
        await writeVersion(edit, row, contentOf({ ...calendarView(row), ...given(input) }))
      })
    },

    /** @throws DomainError 404; 409 while a policy counts by it */
    remove(actor: Actor, id: number) {
      return editor.remove(actor, id, async ({ tx }) => {
        await assertUnused(tx, 'The calendar', {
          'SLA policies': sql`FROM sla_policies WHERE calendar_id = ${id}`,
        })
        await tx.delete(calendars).where(eq(calendars.id, id))
      })
    },

    /**
     * Reads an iCalendar file, which is slow, and answers what {@link addHolidays} takes.
     * @throws DomainError 400 at `file` with the reason
     */
    readFile(bytes: Uint8Array) {
      return holidaysOfIcal(bytes, deps.clock.now())
    },

    /**
     * Adds days off; a date that is one already keeps its name.
     * @param ignored entries of a file that name no day
     * @returns the calendar, how many dates were added, and how many entries added none
     * @throws DomainError 400 naming the member, 404
     */
    async addHolidays(
      actor: Actor,
      id: number,
      { holidays, ignored = 0 }: { holidays: readonly CalendarHoliday[]; ignored?: number },
      outer?: Tx,
    ) {
      const counted = { added: 0, skipped: 0 }
      const calendar = await editor.update(
        actor,
        id,
        async (edit) => {
          const row = requireRow(edit.current, id)
          const known = new Map(row.holidays.map((holiday) => [holiday.date, holiday]))
          for (const holiday of holidays) {
            if (!known.has(holiday.date)) known.set(holiday.date, holiday)
          }
          counted.added = known.size - row.holidays.length
          counted.skipped = holidays.length - counted.added + ignored
          await writeVersion(edit, row, { ...row, holidays: inOrder([...known.values()]) })
        },
        outer,
      )
      return { ...calendar, ...counted }
    },

    /** @throws DomainError 404, also for a date that is no holiday */
    removeHoliday(actor: Actor, id: number, date: string) {
      return editor.update(actor, id, async (edit) => {
        const row = requireRow(edit.current, id)
        const holidays = row.holidays.filter((holiday) => holiday.date !== date)
        if (holidays.length === row.holidays.length) throw notFound('Holiday')
        await writeVersion(edit, row, { ...row, holidays: inOrder(holidays) })
      })
    },

    /**
     * What a calendar makes of a time: the instant so many business seconds after another, or the business seconds
     * between two. @throws DomainError 400 naming the member, 404
     */
    async preview(id: number, input: PreviewInput) {
      await editor.get(id)
      return preview(requireRow(await deps.configuration.get(), id), input)
    },
  }
}

function requireRow({ calendars: rows }: Configuration, id: number) {
  const row = rows.find((each) => each.id === id)
  if (row === undefined) throw notFound('Calendar')
  return row
}

function given(input: Partial<CalendarInput>): Partial<CalendarInput> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}

function contentOf(input: CalendarInput): CalendarContent {
  return {
    timeZone: timeZoneOf(input.time_zone),
    intervals: intervalsOf(input.intervals),
    holidays: holidaysOf(input.holidays ?? []),
  }
}
