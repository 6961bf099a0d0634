import { type Result, spreadOf } from './figure.ts'
import { numberText, scaleName } from './print.ts'

/** One line of a panel: what a result is called there, and how its points are found among the results. */
interface Line {
  label: string
  points: { scale: number; value: number }[]
}

interface Panel {
  title: string
  lines: Line[]
}

const [WIDTH, HEIGHT, GAP] = [400, 300, 40]
const EDGE = { left: 56, right: 150, top: 34, bottom: 34 }
const COLOURS = ['#2563eb', '#dc2626', '#16a34a', '#9333ea', '#ea580c', '#0891b2', '#4b5563']

/**
 * How figures grow with the number of tickets, as an SVG: requests a second, and milliseconds (p95) of searches and of
 * supervisors' figures, both axes logarithmic, so that a flat line is what is hoped for.
 */
export function growthChart(results: readonly Result[]): string {
  const panels: Panel[] = [
    { title: 'Requests a second', lines: ratesOf(results) },
    { title: 'Milliseconds, p95', lines: timesOf(results) },
  ].filter(({ lines }) => lines.length > 0)
  const width = panels.length * (WIDTH + EDGE.left + EDGE.right + GAP)
  const height = HEIGHT + EDGE.top + EDGE.bottom
  const drawn = panels.map((panel, n) => draw(panel, n * (WIDTH + EDGE.left + EDGE.right + GAP)))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${drawn.join('\n')}
</svg>
`
}

/** Everything that is counted by the second at more than one scale. */
function ratesOf(results: readonly Result[]): Line[] {
  const names = ['list', 'deep', 'get', 'create']
  return linesOf(results.filter(({ unit, measurement }) => unit === '/s' && names.includes(measurement)))
}

/** Of searches and of figures the slowest each: what the others do lies below. */
function timesOf(results: readonly Result[]): Line[] {
  const slowest = (measurement: string, label: string): Line => {
    const points = new Map<number, number>()
    for (const { scale, rounds, ...rest } of results) {
      if (rest.measurement !== measurement || rest.unit !== 'ms' || scale === null) continue
      points.set(scale, Math.max(points.get(scale) ?? 0, spreadOf(rounds).median))
    }
    return { label, points: sorted([...points].map(([scale, value]) => ({ scale, value }))) }
  }
  return [
    slowest('search', 'slowest search'),
    slowest('analytics', 'slowest figure'),
    ...linesOf(results.filter(({ name }) => name === 'sweep with none due, p95')),
  ].filter(({ points }) => points.length > 1)
}

function linesOf(results: readonly Result[]): Line[] {
  const lines = new Map<string, Line>()
  for (const { name, scale, rounds } of results) {
    if (scale === null) continue
    const line = lines.get(name) ?? { label: name, points: [] }
    line.points.push({ scale, value: spreadOf(rounds).median })
    lines.set(name, line)
  }
  return [...lines.values()]
    .map(({ label, points }) => ({ label, points: sorted(points) }))
    .filter(({ points }) => points.length > 1)
}

const sorted = (points: Line['points']) => points.toSorted((a, b) => a.scale - b.scale)

function draw({ title, lines }: Panel, left: number): string {
  const all = lines.flatMap(({ points }) => points)
  const scales = [...new Set(all.map(({ scale }) => scale))].sort((a, b) => a - b)
  const decades = {
    from: Math.floor(
      log(
        all.map(({ value }) => value),
        Math.min,
      ),
    ),
    to: Math.ceil(
      log(
        all.map(({ value }) => value),
        Math.max,
      ),
    ),
  }
  if (decades.to === decades.from) decades.to += 1
  const [first = 1, last = 1] = [scales[0], scales.at(-1)]
  const x = (scale: number) =>
    left + EDGE.left + (Math.log10(scale / first) / Math.log10(last / first)) * WIDTH
  const y = (value: number) =>
    EDGE.top + HEIGHT - ((Math.log10(value) - decades.from) / (decades.to - decades.from)) * HEIGHT
  const grid = Array.from({ length: decades.to - decades.from + 1 }, (_, n) => 10 ** (decades.from + n)).map(
    (value) =>
      `<line x1="${x(first)}" x2="${x(last)}" y1="${y(value)}" y2="${y(value)}" stroke="#e5e7eb"/>` +
      `<text x="${x(first) - 8}" y="${y(value) + 4}" text-anchor="end" fill="#4b5563">${numberText(value)}</text>`,
  )
  const feet = scales.map(
    (scale) =>
      `<text x="${x(scale)}" y="${EDGE.top + HEIGHT + 20}" text-anchor="middle" fill="#4b5563">${scaleName(scale)}</text>`,
  )
  const ends = spread(lines.map(({ points }) => y(points.at(-1)?.value ?? 1)))
  const curves = lines.map(({ label, points }, n) => {
    const colour = COLOURS[n % COLOURS.length]
    const path = points.map(({ scale, value }) => `${x(scale).toFixed(1)},${y(value).toFixed(1)}`)
    const dots = points.map(
      ({ scale, value }) => `<circle cx="${x(scale)}" cy="${y(value)}" r="3" fill="${colour}"/>`,
    )
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}<text x="${x(last) + 8}" y="${(ends[n] ?? 0) + 4}" fill="${colour}">${escapeXml(label)}</text>`
  })
  const heading = `<text x="${x(first)}" y="18" font-weight="bold" fill="#111827">${escapeXml(title)}</text>`
  return [heading, ...grid, ...feet, ...curves].join('\n')
}

const log = (values: readonly number[], pick: (...values: number[]) => number) => Math.log10(pick(...values))

/** Moves labels apart that would lie on one another; the answer is in the order given. */
function spread(places: readonly number[]): number[] {
  const LINE = 14
  const order = places.map((place, at) => ({ place, at })).sort((a, b) => a.place - b.place)
  for (const [n, label] of order.entries()) {
    label.place = Math.max(label.place, (order[n - 1]?.place ?? Number.NEGATIVE_INFINITY) + LINE)
  }
  const answer: number[] = []
  for (const { place, at } of order) answer[at] = place
  return answer
}

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
