import { hash, verify } from '@node-rs/argon2'
import { invalid } from '../shared/errors.ts'
import { COMMON_PASSWORDS } from './common-passwords.ts'

/** OWASP's first choice for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export const PASSWORD_LENGTH = { min: 8, max: 128 } as const

export interface PasswordRules {
  refuseCommon: boolean
}

/**
 * Checks a new password against the rules.
 * @throws DomainError 400 at `path`
 */
export function checkPassword(password: string, rules: PasswordRules, path = 'password'): void {
  const { min, max } = PASSWORD_LENGTH
  const length = [...password].length
  if (length < min || length > max) throw invalid(path, `must be ${min} to ${max} characters long`)
  if (rules.refuseCommon && COMMON_PASSWORDS.has(password.toLowerCase())) {
    throw invalid(path, 'is among the most common passwords')
  }
}

/** Hashes a password, slowly on purpose (about 20 ms): never inside a transaction. */
export async function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID)
}

let decoy: Promise<string> | undefined

/**
 * Compares in about the same time whether or not there is a hash to compare with, so that an unknown account
 * cannot be told from a wrong password.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword('a password that nobody has')
  const matches = await verify(passwordHash ?? (await decoy), password)
  return matches && passwordHash !== null
}
