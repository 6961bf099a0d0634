import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeDatabase, createDatabase, type Database, migrate } from '@servicedesk/db'
import { freePort, mailService, nodeService, readStartConfig, repositoryRoot } from '@servicedesk/dev'
import type { Teardown } from '../desk.ts'
import { createPerson, TEST_PASSWORD } from '../people.ts'

const SECRET = 'a secret of the tests that is long enough'

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test names what it expects.
  body: any
  tookMs: number
}

/** The API, a worker and a mail server as processes of their own, on stores that the test gives. */
export interface OwnSystem {
  db: Database
  /** Resolves with how when the API or the worker has ended. */
  ended: Promise<string>
  login(): Promise<Answer>
  /** Asks as a requester who is signed in. `path` is below /api/v1 unless it is /ready or /health. */
  send(method: string, path: string, body?: object | FormData): Promise<Answer>
}

/** Starts the built programs; `npm run test:system` builds before. */
export async function startOwnSystem(
  t: Teardown,
  stores: { databaseUrl: string; redis: Record<string, string> },
): Promise<OwnSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-system-'))
  await migrate(stores.databaseUrl)
  const db = createDatabase(stores.databaseUrl, { max: 3 })
  const requester = await createPerson(db, 'Normal User')
  await createPerson(db, 'Technical User', { maxTickets: 10_000 })

  const path = process.execPath.replace(/\/[^/]*$/, '')
  const environment = { PATH: path, DATA_DIR: dataDir, NODE_ENV: 'development' }
  const config = readStartConfig(environment)
  const mail = await mailService(config, built('packages', 'dev', 'dist', 'mail-sink', 'main.js'))
  const port = await freePort()
  const env = {
    ...environment,
    ...stores.redis,
    DATABASE_URL: stores.databaseUrl,
    SMTP_URL: mail.url(),
    JWT_SECRET_KEY: SECRET,
    PORT: String(port),
    SERVICEDESK_EMBEDDED: 'true',
    SHUTDOWN_TIMEOUT: '2',
    MAIL_GROUP_SECONDS: '0',
  }
  const app = (name: 'api' | 'worker') =>
    nodeService({
      name,
      main: built('apps', name, 'dist', 'main.js'),
      env,
      logFile: join(dataDir, `${name}.log`),
      stopWithinMs: 5_000,
    })
  const never = new AbortController().signal
  const programs = await Promise.all(
    [mail.service, app('api'), app('worker')].map((each) => each.launch(never)),
  )
  t.teardown(async () => {
    await Promise.all(programs.map((program) => program.stop(5_000)))
    await closeDatabase(db, 1)
    rmSync(dataDir, { recursive: true, force: true })
  })

  const ask = async (
    method: string,
    address: string,
    headers: Record<string, string>,
    body?: object | FormData,
  ) => {
    const started = performance.now()
    const isForm = body instanceof FormData
    const response = await fetch(`http://127.0.0.1:${port}${address}`, {
      method,
      signal: AbortSignal.timeout(60_000),
      headers: {
        ...headers,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    })
    const json = (await response.json()) as Answer['body']
    return {
      status: response.status,
      headers: response.headers,
      body: json,
      tookMs: performance.now() - started,
    }
  }
  const login = () =>
    ask('POST', '/api/v1/auth/login', {}, { email: requester.email, password: TEST_PASSWORD })
  const { body } = await login()
  const headers = { authorization: `Bearer ${body.access_token}` }
  return {
    db,
    ended: Promise.race(programs.map((program) => program.exited)),
    login,
    send: (method, below, body) =>
      ask(method, /^\/(?:ready|health)$/.test(below) ? below : `/api/v1${below}`, headers, body),
  }
}

const built = (...parts: string[]) => join(repositoryRoot, ...parts)
