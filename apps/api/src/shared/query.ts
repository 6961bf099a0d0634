/** Values that are repeated, separated by commas, or both. */
export function splitCommas(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')
}
