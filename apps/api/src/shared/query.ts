/** Values that are repeated, separated by commas, or both; undefined, so no filter, when there is none. */
export function splitCommas(values: readonly string[] = []): string[] | undefined {
  const split = values
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')
  return split.length > 0 ? split : undefined
}
