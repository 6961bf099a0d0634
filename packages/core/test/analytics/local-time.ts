const QUARTER = 900_000

/** What an instant is called in a zone, by ICU's own words for it. */
export function localName(instant: number, unit: string, timeZone: string): string {
  const text = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone, ...options }).format(instant)
  const day = text({ year: 'numeric', month: '2-digit', day: '2-digit' })
  if (unit === 'day') return day
  if (unit === 'month') return day.slice(0, 7)
  if (unit === 'week') {
    const date = new Date(day)
    while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1)
    return date.toISOString().slice(0, 10)
  }
  const hour = text({ hour: '2-digit', hourCycle: 'h23' })
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(
    instant,
  )
  const offset = parts.find((part) => part.type === 'timeZoneName')!.value.replace('GMT', '') || '+00:00'
  return `${day}T${hour.padStart(2, '0')}:00${offset}`
}

/** Cuts `[from, to)` by walking through it a quarter of an hour at a time and asking what the clock says. */
export function walkBuckets(from: number, to: number, unit: string, timeZone: string) {
  const buckets: { start: number; end: number; label: string }[] = []
  for (let at = from; at < to; at = Math.floor(at / QUARTER) * QUARTER + QUARTER) {
    const label = localName(at, unit, timeZone)
    const last = buckets.at(-1)
    if (last !== undefined) last.end = at
    if (last?.label !== label) buckets.push({ start: at, end: to, label })
    else last.end = to
  }
  return buckets
}
