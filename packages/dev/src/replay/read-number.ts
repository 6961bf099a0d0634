import { UserError } from '../user-error.ts'

/** @throws UserError naming the option */
export function positive(name: string, value: string): number {
  const number = Number(value)
  if (value.trim() !== '' && Number.isFinite(number) && number > 0) return number
  throw new UserError(`${name} must be a number above 0, not "${value}".`)
}

/** @throws UserError naming the option, and what is counted */
export function wholeNumber(
  name: string,
  value: string,
  of: string,
  most = Number.POSITIVE_INFINITY,
): number {
  const number = positive(name, value)
  if (!Number.isInteger(number)) throw new UserError(`${name} must be a whole number of ${of}.`)
  if (number > most) throw new UserError(`${name} must be at most ${most}, not ${number}.`)
  return number
}
