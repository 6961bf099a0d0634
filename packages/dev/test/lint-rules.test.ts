import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { repositoryRoot } from '../src/config.ts'

/** "Who may import whom", as one file per importer: what it must be refused and what it must be allowed. */
const rows: Record<string, { refused: string[]; allowed: string[] }> = {
  'packages/db/src/x.ts': { refused: ours(['db']), allowed: ['drizzle-orm', 'postgres'] },
  'packages/realtime/src/x.ts': {
    refused: [...ours(['realtime']), 'fastify', 'bullmq'],
    allowed: ['socket.io'],
  },
  'packages/files/src/x.ts': { refused: [...ours(['files']), 'bullmq', 'fastify'], allowed: ['sharp'] },
  'packages/mail/src/x.ts': { refused: [...ours(['mail']), 'sharp', 'bullmq'], allowed: ['nodemailer'] },
  'packages/jobs/src/x.ts': {
    refused: [...ours(['jobs', 'db']), 'fastify', 'sharp'],
    allowed: ['@servicedesk/db', 'bullmq'],
  },
  'packages/telemetry/src/x.ts': {
    refused: [...ours(['jobs']), 'bullmq', 'ioredis', 'fastify', 'sharp'],
    allowed: ['@servicedesk/jobs', '@servicedesk/db/client', 'prom-client'],
  },
  'packages/core/src/x.ts': {
    refused: [...ours(['core', 'db']), 'bullmq', 'fastify', 'sharp', '@servicedesk/jobs/relay'],
    allowed: ['@servicedesk/db', '@servicedesk/jobs/emit', '@servicedesk/jobs/catalogue'],
  },
  'apps/api/src/x.ts': {
    refused: [
      '@servicedesk/worker',
      '@servicedesk/dev',
      '@servicedesk/bench',
      '@servicedesk/testing',
      '@servicedesk/db',
      'bullmq',
      'sharp',
    ],
    allowed: [
      '@servicedesk/core',
      '@servicedesk/jobs',
      '@servicedesk/realtime',
      '@servicedesk/files',
      '@servicedesk/mail',
      '@servicedesk/telemetry',
      '@servicedesk/db/client',
      'fastify',
    ],
  },
  'apps/api/src/plugins/queue-dashboard.ts': {
    refused: ['@servicedesk/worker', 'sharp'],
    allowed: ['bullmq', 'fastify'],
  },
  'apps/worker/src/x.ts': {
    refused: [
      '@servicedesk/api',
      '@servicedesk/dev',
      '@servicedesk/bench',
      '@servicedesk/testing',
      '@servicedesk/db',
      'bullmq',
      'fastify',
      'sharp',
    ],
    allowed: [
      '@servicedesk/core',
      '@servicedesk/jobs',
      '@servicedesk/realtime',
      '@servicedesk/files',
      '@servicedesk/mail',
      '@servicedesk/telemetry',
      '@servicedesk/db/client',
    ],
  },
  'packages/dev/src/x.ts': {
    refused: [],
    allowed: ['@servicedesk/core', '@servicedesk/jobs', '@servicedesk/db'],
  },
}

function ours(except: readonly string[]): string[] {
  const names = [
    'db',
    'jobs',
    'core',
    'realtime',
    'files',
    'mail',
    'telemetry',
    'dev',
    'bench',
    'testing',
    'api',
    'worker',
  ]
  return names.filter((name) => !except.includes(name)).map((name) => `@servicedesk/${name}`)
}

/** The imports that the repository's linter settings refuse, as "file imports name". */
function refusals(folder: string): Set<string> {
  const biome = join(repositoryRoot, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  if (!stdout.startsWith('{')) throw new Error(stderr)
  const { diagnostics }: { diagnostics: Diagnostic[] } = JSON.parse(stdout)
  const refused = diagnostics.filter(({ category }) => category === 'lint/style/noRestrictedImports')
  return new Set(
    refused.map(({ location: { path, start } }) => `${path} imports ${importsOf(path)[start.line - 1]}`),
  )
}

interface Diagnostic {
  category: string
  location: { path: string; start: { line: number } }
}

const importsOf = (file: string): string[] => [...(rows[file]?.refused ?? []), ...(rows[file]?.allowed ?? [])]

t.test('the linter refuses and allows what "Who may import whom" says', async (t) => {
  const folder = t.testdir()
  cpSync(join(repositoryRoot, 'biome.json'), join(folder, 'biome.json'))
  for (const file of Object.keys(rows)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(
      join(folder, file),
      importsOf(file)
        .map((name) => `import '${name}'\n`)
        .join(''),
    )
  }
  const refused = refusals(folder)
  for (const [file, row] of Object.entries(rows)) {
    for (const name of row.refused)
      t.ok(refused.has(`${file} imports ${name}`), `${file} must not import ${name}`)
    for (const name of row.allowed)
      t.notOk(refused.has(`${file} imports ${name}`), `${file} may import ${name}`)
  }
})
