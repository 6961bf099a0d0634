export interface RedisSettings {
  dir: string
  port: number
  password: string
  appendOnly: boolean
  /** More lines of redis.conf. */
  settings?: readonly string[] | undefined
}

/**
 * The text of redis.conf. noeviction, because BullMQ's keys must never be dropped; an append-only file synced every second,
 * because the default snapshots lose everything since the last one when Redis is killed.
 */
export function redisConfig({ dir, port, password, appendOnly, settings = [] }: RedisSettings): string {
  return `${[
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${quoted(dir)}`,
    'daemonize no',
    'save ""',
    `appendonly ${appendOnly ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    ...settings,
  ].join('\n')}\n`
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
