export type Settings = Readonly<Record<string, string>>

/** Loopback only, no socket file (its path may be too long and others could reach it), and room for every process. */
export const defaultSettings: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
  log_line_prefix: '%m [%p] ',
}

/** For tests: as fast as it goes, with nothing kept after a crash of the machine. */
export const throwawaySettings: Settings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  // The desks of all files of a process are there at once.
  max_connections: '600',
  // Its folder may be in memory.
  max_wal_size: '1GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum_naptime: '10s',
}

export function settingArguments(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
