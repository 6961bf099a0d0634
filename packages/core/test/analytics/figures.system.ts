import t from 'tap'
import { zoneOffsets } from '../../src/calendars/zone.ts'
import { anyHistory } from './any-history.ts'

const DAY = 86_400_000

/** The latest change of a zone's clocks that is over, to the day. */
function latestChange(timeZone: string): number {
  const offsetAt = zoneOffsets(timeZone)
  let day = Date.now() - 8 * DAY
  while (offsetAt(day) === offsetAt(day - DAY)) day -= DAY
  return day
}

for (const zone of ['America/New_York', 'Australia/Lord_Howe']) {
  t.test(`histories across the change of clocks of ${zone}`, { timeout: 600_000 }, (t) =>
    anyHistory(t, latestChange(zone) - 3 * DAY, { runs: 12, length: 80 }),
  )
}

t.test('histories that reach today and beyond', { timeout: 600_000 }, (t) =>
  anyHistory(t, Date.now() - 9 * DAY, { runs: 25, length: 80 }),
)
