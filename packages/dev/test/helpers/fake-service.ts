import type { Service } from '../../src/supervisor/service.ts'

export interface FakeService extends Service {
  /** How often it was launched. */
  launches: number
  /** Ends the running one as if it had crashed. */
  crash(how?: string): void
  /** Resolves when it has been launched that often in all. */
  launched(times: number): Promise<void>
}

/** A service without a process. Its next launches fail as often as `failures` says. */
export function fakeService(
  name: string,
  { failures = 0, stopped = (_name: string) => {} } = {},
): FakeService {
  let end: (how: string) => void = () => {}
  const waiting: { times: number; resolve: () => void }[] = []
  const service: FakeService = {
    name,
    stopWithinMs: 1_000,
    launches: 0,
    crash: (how = 'SIGKILL') => end(how),
    launched: (times) =>
      new Promise((resolve) => {
        if (service.launches >= times) resolve()
        else waiting.push({ times, resolve })
      }),
    async launch() {
      service.launches++
      for (const { resolve } of waiting.filter(({ times }) => times === service.launches)) resolve()
      if (service.launches <= failures) throw new Error(`failure ${service.launches}\nand details`)
      const exited = new Promise<string>((resolve) => {
        end = resolve
      })
      return {
        pid: 1000 + service.launches,
        exited,
        stop: async (graceMs) => {
          stopped(name)
          end('stopped')
          return graceMs > 0
        },
      }
    },
  }
  return service
}
