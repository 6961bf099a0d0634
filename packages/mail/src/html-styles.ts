import { type Html, html } from './html.ts'

export const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif'

/** Set on everything, backgrounds included, so that a program that changes colours by itself changes all or none. */
export const COLOURS = {
  ink: '#1f2937',
  faint: '#4b5563',
  line: '#e5e7eb',
  paper: '#ffffff',
  accent: '#1d4ed8',
} as const

/** By the names that a desk has when it is new. Light enough on a dark ground, dark enough on a light one: 4.5 to 1. */
const PRIORITIES = [
  { priority: 'Critical', name: 'critical', colour: '#b91c1c', dark: '#f87171' },
  { priority: 'High', name: 'high', colour: '#c2410c', dark: '#fb923c' },
  { priority: 'Medium', name: 'medium', colour: '#a16207', dark: '#facc15' },
  { priority: 'Low', name: 'low', colour: '#15803d', dark: '#4ade80' },
] as const
const OTHER = { name: 'other', colour: '#6b7280', dark: '#9ca3af' } as const

/** A priority's colour and class. */
export function priorityColour(priority: string | null): { name: string; colour: string } {
  return PRIORITIES.find((each) => each.priority === priority) ?? OTHER
}

const dark = [...PRIORITIES, OTHER]
  .map(
    (each) =>
      `.${each.name}{color:${each.dark}!important}.${each.name}-edge{border-left-color:${each.dark}!important}`,
  )
  .join('')

/** Dark mode, for programs that know it: they take inline styles back only for what is `!important`. */
export const DARK_STYLES: Html = html`<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.paper{background:#111827!important}
.card{background:#1f2937!important;border-color:#374151!important}
.ink{color:#f3f4f6!important}
.faint{color:#9ca3af!important}
.line{border-color:#374151!important}
.accent{color:#93c5fd!important;border-color:#93c5fd!important}
.button{background:#2563eb!important;color:#ffffff!important}
${dark}
}
</style>`
