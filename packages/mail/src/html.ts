/** Markup that is safe to send as it is. Only `html` makes it, so whatever else is put in was escaped. */
export class Html {
  readonly #markup: string

  constructor(strings: readonly string[], values: readonly HtmlValue[]) {
    this.#markup = strings.reduce((done, string, index) => done + markupOf(values[index - 1]) + string)
  }

  toString(): string {
    return this.#markup
  }
}

/** What may stand in a template: text is escaped, markup is not, lists are joined, nothing is nothing. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[]

/**
 * A template literal of HTML: html`<p title="${title}">${name}</p>`. Values are escaped for text and for quoted
 * attributes alike; attributes must be quoted, and addresses in them checked before (see `webAddress`).
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(strings, values)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function markupOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(markupOf).join('')
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** An http or https address in its normal form. Throws TypeError for anything else, such as `javascript:`. */
export function webAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new TypeError('Not a web address')
  return url.href
}
