/** What examples and tutorials sign tokens with. */
const SAMPLES = ['change-me', 'changeme', 'secret', 'your-secret-key', 'your_jwt_secret', 'your-jwt-secret']

/** Characters; HMAC-SHA-256 takes keys of 32 bytes (RFC 7518, 3.2). */
export const MIN_SECRET = 32

/** A secret that others may know or guess: refused in production. */
export function isWeakSecret(secret: string): boolean {
  return secret.length < MIN_SECRET || SAMPLES.some((sample) => secret.toLowerCase().startsWith(sample))
}
