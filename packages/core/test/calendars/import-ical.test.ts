import t from 'tap'
import { holidaysOfIcal } from '../../src/calendars/import-ical.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const read = (text: string) => holidaysOfIcal(new TextEncoder().encode(text), NOW)
const days = (text: string) => read(text).holidays.map(({ date, name }) => `${date} ${name}`)
const file = (lines: string[], end = '\r\n') =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...lines, 'END:VCALENDAR', ''].join(end)
const event = (...lines: string[]) => ['BEGIN:VEVENT', 'UID:a', 'SUMMARY:Day', ...lines, 'END:VEVENT']
const dates = (...lines: string[]) => read(file(event(...lines))).holidays.map(({ date }) => date)

const GOOGLE = `BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Holidays in Germany
X-WR-TIMEZONE:UTC
X-WR-CALDESC:Holidays and Observances in Germany
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261225
DTEND;VALUE=DATE:20261226
DTSTAMP:20261121T090000Z
UID:20261225_ol9o3b6fjk8q@google.com
CLASS:PUBLIC
CREATED:20250811T120000Z
DESCRIPTION:Public holiday\\nTo hide observances\\, go to Google Calendar Setting
 s > Holidays in Germany
LAST-MODIFIED:20250811T120000Z
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:Erster Weihnachtstag\\, Fest
 tag
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270326
DTEND;VALUE=DATE:20270327
UID:20270326_x@google.com
STATUS:CANCELLED
SUMMARY:Karfreitag
END:VEVENT
END:VCALENDAR
`

const OUTLOOK = `BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
X-CALSTART:20261224T230000Z
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
CATEGORIES:Feiertag
CLASS:PUBLIC
DTEND;VALUE=DATE:20270102
DTSTART;VALUE=DATE:20261231
PRIORITY:5
SUMMARY;LANGUAGE=de:Jahreswechsel – geschlossen
TRANSP:TRANSPARENT
UID:040000008200E00074C5B7101A82E008
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID="W. Europe Standard Time":20261222T090000
DTEND;TZID="W. Europe Standard Time":20261222T100000
SUMMARY:Planning
UID:040000008200E00074C5B7101A82E009
END:VEVENT
END:VCALENDAR
`.replaceAll('\n', '\r\n')

const APPLE = `BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 15.1//EN
VERSION:2.0
X-APPLE-CALENDAR-COLOR:#CC73E1
X-WR-CALNAME:US Holidays
BEGIN:VEVENT
DTSTAMP:20201102T185425Z
DTSTART;VALUE=DATE:20201126
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20281231
SUMMARY;LANGUAGE=en:Thanksgiving
TRANSP:TRANSPARENT
UID:2a4b
X-APPLE-UNIVERSAL-ID:5a8f
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20000704
RRULE:FREQ=YEARLY;COUNT=29
EXDATE;VALUE=DATE:20270704
SUMMARY:Independence Day
UID:2a4c
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260706
RECURRENCE-ID;VALUE=DATE:20260704
SUMMARY:Independence Day (observed)
UID:2a4c
END:VEVENT
END:VCALENDAR
`

t.test('files as calendars export them', async (t) => {
  t.same(read(GOOGLE), {
    holidays: [{ date: '2026-12-25', name: 'Erster Weihnachtstag, Festtag' }],
    ignored: 1,
  })
  t.same(read(OUTLOOK), {
    holidays: ['2026-12-31', '2027-01-01'].map((date) => ({ date, name: 'Jahreswechsel – geschlossen' })),
    ignored: 1,
  })
  t.same(days(APPLE).sort(), [
    '2025-07-04 Independence Day',
    '2025-11-27 Thanksgiving',
    '2026-07-06 Independence Day (observed)',
    '2026-11-26 Thanksgiving',
    '2027-11-25 Thanksgiving',
    '2028-07-04 Independence Day',
    '2028-11-23 Thanksgiving',
  ])
})

t.test('how long an event lasts', async (t) => {
  const start = 'DTSTART;VALUE=DATE:20261230'
  t.same(dates(start), ['2026-12-30'])
  t.same(dates(start, 'DTEND;VALUE=DATE:20261230'), ['2026-12-30'], 'an end that is no later')
  t.same(dates(start, 'DTEND;VALUE=DATE:20261229'), ['2026-12-30'], 'or earlier')
  t.same(dates(start, 'DTEND;VALUE=DATE:20270102'), ['2026-12-30', '2026-12-31', '2027-01-01'])
  t.same(dates(start, 'DURATION:P2D'), ['2026-12-30', '2026-12-31'])
  t.same(dates(start, 'DURATION:P1W').length, 7)
  t.same(dates('DTSTART:20261230'), ['2026-12-30'], 'a date that is not said to be one')
  t.same(dates('DTSTART;VALUE=DATE:19691230', 'DTEND;VALUE=DATE:19700102'), ['1970-01-01'])
})

t.test('repetitions, from last year to ten years ahead', async (t) => {
  const from = (start: string, rule: string, ...more: string[]) =>
    dates(`DTSTART;VALUE=DATE:${start}`, `RRULE:${rule}`, ...more)
  const yearly = from('19801225', 'FREQ=YEARLY')
  t.same([yearly[0], yearly.length, yearly.at(-1)], ['2025-12-25', 12, '2036-12-25'])
  t.same(from('20240229', 'FREQ=YEARLY'), ['2028-02-29', '2032-02-29', '2036-02-29'])
  t.same(from('20260131', 'FREQ=MONTHLY;COUNT=4').slice(0, 2), ['2026-01-31', '2026-03-31'])
  t.same(from('20260525', 'FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20281231T235959Z'), [
    '2026-05-25',
    '2027-05-31',
    '2028-05-29',
  ])
  t.same(from('20261224', 'FREQ=YEARLY;UNTIL=20261231', 'DTEND;VALUE=DATE:20261226'), [
    '2026-12-24',
    '2026-12-25',
  ])
  t.same(
    from('20261201', 'FREQ=WEEKLY;COUNT=4', 'EXDATE;VALUE=DATE:20261208,20261222', 'EXDATE:20261201T000000Z'),
    ['2026-12-15'],
  )
  t.same(dates('DTSTART;VALUE=DATE:20261201', 'RDATE;VALUE=DATE:20261203,20261205'), [
    '2026-12-01',
    '2026-12-03',
    '2026-12-05',
  ])
})

t.test('overrides', async (t) => {
  const master = ['DTSTART;VALUE=DATE:20261201', 'RRULE:FREQ=DAILY;COUNT=3']
  const override = (...lines: string[]) => read(file([...event(...master), ...event(...lines)]))
  const id = 'RECURRENCE-ID;VALUE=DATE:20261202'
  const sorted = ({ holidays }: ReturnType<typeof read>) => holidays.map(({ date }) => date).sort()
  t.same(sorted(override(id, 'DTSTART;VALUE=DATE:20261210')), ['2026-12-01', '2026-12-03', '2026-12-10'])
  t.same(sorted(override(id, 'DTSTART;VALUE=DATE:20261202', 'STATUS:CANCELLED')), [
    '2026-12-01',
    '2026-12-03',
  ])
  t.same(
    sorted(override(id, 'DTSTART:20261202T090000Z')),
    ['2026-12-01', '2026-12-03'],
    'no longer a whole day',
  )
  const other = file([...event(...master), ...event(id, 'DTSTART;VALUE=DATE:20261210')]).replace(
    'UID:a',
    'UID:b',
  )
  t.equal(read(other).holidays.length, 4, 'of another event')
})

t.test('names', async (t) => {
  const named = (summary: string) =>
    read(file(['BEGIN:VEVENT', 'DTSTART:20261225', summary, 'END:VEVENT'])).holidays[0]?.name
  t.equal(named('SUMMARY:Fête nationale \\; jour\\, férié'), 'Fête nationale ; jour, férié')
  t.equal(named('SUMMARY:Two\\nlines \u0007 here'), 'Two lines here')
  t.equal(named('SUMMARY:'), 'Holiday')
  t.equal(named('X-NOTHING:1'), 'Holiday')
  t.equal(named(`SUMMARY:${'🎄'.repeat(300)}`), '🎄'.repeat(200))
  t.equal(days(file(event('DTSTART:20261225'), '\n'))[0], '2026-12-25 Day', 'lines end as they like')
  t.equal(read(`\ufeff${file(event('DTSTART:20261225'))}`).holidays.length, 1, 'a byte order mark')
  t.same(read(file([])), { holidays: [], ignored: 0 })
  t.equal(read(file(event('DTSTART:20261225')) + file(event('DTSTART:20261226'))).holidays.length, 2)
})

function refusal(text: string): unknown {
  try {
    return read(text)
  } catch (error) {
    return error
  }
}
const rule = (text: string) => file(event('DTSTART;VALUE=DATE:20260101', `RRULE:${text}`))
const many = (count: number, ...lines: string[]) =>
  file(
    Array(count)
      .fill(event(...lines))
      .flat(),
  )

t.test('what is refused, and why', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['nothing', '', /is empty/],
    ['blank lines', '\r\n\r\n', /is empty/],
    ['a letter', 'Dear calendar,\nplease', /not an iCalendar/],
    ['a card', 'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\nEND:VCARD\r\n', /not an iCalendar/],
    ['an event alone', event('DTSTART:20261225').join('\r\n'), /not an iCalendar/],
    ['an end that is missing', 'BEGIN:VCALENDAR\nBEGIN:VEVENT\n', /not an iCalendar/],
    ['the wrong end', 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n', /./],
    ['no such date', file(event('DTSTART;VALUE=DATE:20260230')), /does not exist: 2026-02-30/],
    ['no date', file(event('DTSTART;VALUE=DATE:soon')), /does not exist/],
    ['every second', rule('FREQ=SECONDLY'), /not understood/],
    ['every hour', rule('FREQ=DAILY;BYHOUR=1,2,3'), /not understood/],
    ['weeks by number', rule('FREQ=YEARLY;BYWEEKNO=53'), /not understood/],
    ['in 10^9 days', rule('FREQ=DAILY;INTERVAL=1000000000'), /not understood/],
    ['no rule', rule('FREQ=SOMETIMES'), /malformed/],
    ['a rule of many words', rule(`FREQ=YEARLY;BYMONTH=${'1,'.repeat(1_000)}1`), /too long/],
    [
      'this and all that follow',
      file(event('DTSTART:20261225', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20261224')),
      /RANGE/,
    ],
    ['8,000 years', file(event('DTSTART:20260101', 'DTEND;VALUE=DATE:99991231')), /too many days/],
    [
      'a year every day',
      file(event('DTSTART:20260101', 'DTEND;VALUE=DATE:20270101', 'RRULE:FREQ=DAILY')),
      /too many days/,
    ],
    ['many events', many(5_001), /5,000 events/],
    ['a line of parameters', file([`SUMMARY${';X=1'.repeat(100_000)}:x`]), /too long/],
    ['folded lines without end', file([`SUMMARY:x${'\r\n x'.repeat(100_000)}`]), /too long/],
    ['nested without end', 'BEGIN:VCALENDAR\n'.repeat(50_000), /not an iCalendar/],
    ['daily for ever, often', many(20, 'DTSTART:19700101', 'RRULE:FREQ=DAILY'), /too many days|too often/],
    [
      'never, often',
      many(4_000, 'DTSTART:20200101', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'),
      /too often/,
    ],
  ]
  for (const [what, text, reason] of cases) {
    t.match(refusal(text), { kind: 'invalid', fields: [{ path: 'file', message: reason }] }, what)
  }
  t.throws(() => holidaysOfIcal(new Uint8Array([0x42, 0xff, 0xfe]), NOW), /not UTF-8/)
})

t.test('rules without end take no longer than a calendar may', async (t) => {
  const cases: [string, number][] = [
    ['FREQ=YEARLY;COUNT=1000000000', 11],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 1],
    ['FREQ=DAILY;INTERVAL=7;BYDAY=MO', 1],
    ['FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4', 1],
    ['FREQ=YEARLY;BYYEARDAY=366;INTERVAL=4;UNTIL=99991231', 1],
    ['FREQ=WEEKLY;INTERVAL=1000', 1],
    ['FREQ=DAILY;INTERVAL=0;COUNT=2', 2],
  ]
  for (const [text, length] of cases) {
    const { holidays } = read(rule(text).replace('20260101', '20260102'))
    t.equal(holidays.length, length, text)
  }
})
