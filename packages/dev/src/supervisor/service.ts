/** Something that must run all the time: a server or a process of ours. */
export interface Service {
  readonly name: string
  /** How long it may take to stop by itself. */
  readonly stopWithinMs: number
  /**
   * Starts it once.
   * @returns it, when it is ready for use
   * @throws when it does not get ready, or the signal's reason when told to give up; nothing is left running then
   */
  launch(signal: AbortSignal): Promise<RunningService>
}

export interface RunningService {
  readonly pid: number
  /** Settles when it has ended, with how. */
  readonly exited: Promise<string>
  /** Stops it, by force after `graceMs`. @returns whether it stopped by itself */
  stop(graceMs: number): Promise<boolean>
}
