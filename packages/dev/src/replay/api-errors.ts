/** The server could not be reached, or was not ready, for longer than the request's patience. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

/** The server answered something that a replay cannot go on from. */
export class Refused extends Error {
  override name = 'Refused'
}

/** Whether it is the server's doing, and not a fault of ours. */
export function isServersDoing(error: unknown): error is Unreachable | Refused {
  return error instanceof Unreachable || error instanceof Refused
}
