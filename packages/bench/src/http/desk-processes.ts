import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Core } from '@servicedesk/core'
import { closeDatabase, createDatabase } from '@servicedesk/db'
import { createPerson, TEST_PASSWORD } from '@servicedesk/testing'
import { type ApiProcess, type Deployment, newDeployment, startApiProcess } from '../api-process.ts'
import type { BenchServers } from '../servers.ts'
import { ask } from './ask.ts'
import { type Captured, capture } from './capture.ts'
import { type FloorRoute, type FloorServer, startFloor } from './floor.ts'

type Actor = Awaited<ReturnType<typeof createPerson>>

/** The API of a loaded desk as a process of its own, and somebody who may see everything. */
export interface DeskProcesses {
  api: ApiProcess
  deployment: Deployment
  dataDir: string
  token: string
  actor: Actor
  /** The statements that the product sends for something that it did before: what it keeps is known. */
  statements(use: (core: Core, actor: Actor) => Promise<unknown>): Promise<Captured[]>
  /** A floor with the same check of the same token. */
  startFloor(routes: FloorRoute[]): Promise<FloorServer>
  stop(): Promise<void>
}

export async function startDeskProcesses(servers: BenchServers): Promise<DeskProcesses> {
  const { databaseUrl } = servers
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-bench-desk-'))
  const deployment = newDeployment('desk')
  const api = await startApiProcess(servers, dataDir, deployment)
  const db = createDatabase(databaseUrl, { max: 1, applicationName: 'servicedesk-bench' })
  try {
    const actor = await createPerson(db, 'System Admin')
    const signedIn = await ask<{ access_token: string }>('POST', `${api.url}/auth/login`, '', {
      email: actor.email,
      password: TEST_PASSWORD,
    })
    const token = signedIn.access_token
    const session = await capture(databaseUrl, (core) => core.auth.authenticate(claimsOf(token)))
    return {
      api,
      deployment,
      dataDir,
      token,
      actor,
      async statements(use) {
        const first = await capture(databaseUrl, (core) => use(core, actor))
        const both = await capture(databaseUrl, async (core) => {
          await use(core, actor)
          await use(core, actor)
        })
        return both.slice(first.length)
      },
      startFloor: (routes) => startFloor({ databaseUrl, secret: deployment.secret, session, routes }),
      async stop() {
        await api.stop()
        rmSync(dataDir, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await api.stop()
    throw error
  } finally {
    await closeDatabase(db)
  }
}

function claimsOf(token: string): { userId: number; sessionId: string } {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  const { sub, sid } = JSON.parse(payload) as { sub: string; sid: string }
  return { userId: Number(sub), sessionId: sid }
}
