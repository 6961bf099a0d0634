import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@servicedesk/dev'
import postgres from 'postgres'
import type { BenchServers } from '../servers.ts'

/** On what, and with which versions, it was measured. */
export interface Machine {
  cores: number
  processor: string
  memoryGb: number
  node: string
  postgresql: string
  redis: string
  packages: Record<string, string>
  /** The commit that was measured; with `+` when files had been changed since, empty where git does not know. */
  commit: string
}

const NAMED = ['fastify', 'drizzle-orm', 'postgres', 'bullmq', 'ioredis', 'sharp', 'socket.io']

export async function describeMachine({ databaseUrl, redisVersion }: BenchServers): Promise<Machine> {
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    const [row] = await sql<{ server_version: string }[]>`SHOW server_version`
    return {
      cores: cpus().length,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      memoryGb: Math.round(totalmem() / 1024 ** 3),
      node: process.version,
      postgresql: row?.server_version ?? 'unknown',
      redis: await redisVersion(),
      packages: Object.fromEntries(NAMED.map((name) => [name, versionOf(name)])),
      commit: commit(),
    }
  } finally {
    await sql.end()
  }
}

function versionOf(name: string): string {
  const file = join(repositoryRoot, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

function commit(): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: repositoryRoot, encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
  } catch {
    return ''
  }
}
