import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '@servicedesk/db'
import { closeDatabase, createDatabase } from '@servicedesk/db'
import { createPerson, TEST_PASSWORD } from '@servicedesk/testing'
import { type ApiProcess, memoryOf, newDeployment, startApiProcess } from '../api-process.ts'
import type { Figure } from '../framework/figure.ts'
import type { BenchContext } from '../framework/measurement.ts'
import { quantile } from '../framework/quantile.ts'
import { ask } from '../http/ask.ts'
import { Device, inLanes } from './crowd.ts'

const SOCKETS = 1_000
const TICKETS = 50
const MESSAGES = 600
const PER_SECOND = 20
const MISSED = 20
/** From the commit to the last socket of a room, and all sockets back with what they missed. */
export const TARGETS = { p99Ms: 250, reconnectMs: 10_000 }

/** Somebody who looks on, with tickets and devices. */
interface Desk {
  nodes: ApiProcess[]
  /** Of staff, who write. */
  token: string
  devices: Device[]
  ticketIds: number[]
}

/**
 * A thousand sockets on two API processes, twenty in each of fifty tickets (four of the requester, the rest of staff):
 * how long a message takes from the request to the last socket of its ticket, what a socket costs in memory, and how
 * long it takes all of them to come back at once and get twenty events each.
 */
export async function measureRealtime({ servers, progress }: BenchContext): Promise<Figure[]> {
  const dataDirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'servicedesk-bench-api-')))
  const deployment = newDeployment('realtime')
  const db = createDatabase(servers.databaseUrl, { max: 4, applicationName: 'servicedesk-bench' })
  const nodes: ApiProcess[] = []
  try {
    for (const dataDir of dataDirs) nodes.push(await startApiProcess(servers, dataDir, deployment))
    const desk = await populate(db, nodes)
    const before = await memoryOfAll(nodes)
    await inLanes(desk.devices, 50, (device) => device.connect())
    const perSocket = ((await memoryOfAll(nodes)) - before) / SOCKETS
    progress('realtime, messages')
    const latency = await measureLatency(desk)
    progress('realtime, everybody reconnects')
    const reconnect = await measureReconnect(desk)
    for (const device of desk.devices) device.disconnect()
    return [
      { name: 'memory a socket', unit: 'KB', better: 'less', rounds: [perSocket / 1024] },
      latency,
      reconnect,
    ]
  } finally {
    await Promise.all(nodes.map((node) => node.stop()))
    await closeDatabase(db)
    for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true })
  }
}

async function populate(db: Database, nodes: ApiProcess[]): Promise<Desk> {
  const [first] = nodes
  if (first === undefined) throw new Error('no node')
  const tokenOf = async (email: string) => {
    const answer = await ask<{ access_token: string }>('POST', `${first.url}/auth/login`, '', {
      email,
      password: TEST_PASSWORD,
    })
    return answer.access_token
  }
  const staff: string[] = []
  for (let n = 0; n < 20; n++) staff.push(await tokenOf((await createPerson(db, 'Technical User')).email))
  const devices: Device[] = []
  const ticketIds: number[] = []
  for (let n = 0; n < TICKETS; n++) {
    const requester = await tokenOf((await createPerson(db, 'Normal User')).email)
    const report = { title: `Printer ${n} is jammed`, description: 'It swallows every second sheet.' }
    const { id } = await ask<{ id: number }>('POST', `${first.url}/tickets`, requester, report)
    ticketIds.push(id)
    for (let m = 0; m < SOCKETS / TICKETS; m++) {
      const token = m < 4 ? requester : (staff[m % staff.length] ?? '')
      const node = nodes[m % nodes.length] ?? first
      devices.push(new Device(new URL(node.url).origin, token, id))
    }
  }
  return { nodes, token: staff[0] ?? '', devices, ticketIds }
}

async function measureLatency(desk: Desk): Promise<Figure> {
  const times: number[] = []
  const sends: Promise<void>[] = []
  for (let n = 0; n < MESSAGES; n++) {
    const ticketId = desk.ticketIds[n % TICKETS] ?? 0
    sends.push(
      sayAndWait(desk, ticketId, n).then((ms) => {
        times.push(ms)
      }),
    )
    await new Promise((resolve) => setTimeout(resolve, 1_000 / PER_SECOND))
  }
  await Promise.all(sends)
  times.sort((a, b) => a - b)
  return {
    name: 'from the request to the last socket, p99',
    unit: 'ms',
    better: 'less',
    rounds: [quantile(times, 0.99)],
    targets: [{ of: 'value', is: TARGETS.p99Ms }],
    note: `p50 ${quantile(times, 0.5).toFixed(0)} ms; ${MESSAGES} messages, ${PER_SECOND}/s, ${SOCKETS} sockets`,
  }
}

/** Milliseconds from the request to the last socket; the commit is somewhere in between, so it is no less. */
async function sayAndWait(
  { nodes, token, devices, ticketIds }: Desk,
  ticketId: number,
  n: number,
): Promise<number> {
  const crowd = devices.filter((device) => device.ticketId === ticketId)
  const next = (crowd[0]?.last ?? 0) + 1
  const node = nodes[Math.floor(n / ticketIds.length) % nodes.length]
  const started = performance.now()
  const arrived = Promise.all(crowd.map((device) => device.has(next)))
  await ask('POST', `${node?.url}/messages`, token, { ticket_id: ticketId, message: `Word ${n}` })
  await arrived
  return performance.now() - started
}

async function measureReconnect({ nodes, token, devices, ticketIds }: Desk): Promise<Figure> {
  const wanted = (devices[0]?.last ?? 0) + MISSED
  for (const device of devices) device.disconnect()
  await inLanes(ticketIds, 8, async (ticketId) => {
    for (let n = 0; n < MISSED; n++)
      await ask('POST', `${nodes[0]?.url}/messages`, token, { ticket_id: ticketId, message: `Missed ${n}` })
  })
  const started = performance.now()
  await Promise.all(devices.map((device) => device.connect().then(() => device.has(wanted))))
  return {
    name: `${SOCKETS} sockets reconnect at once`,
    unit: 'ms',
    better: 'less',
    rounds: [performance.now() - started],
    targets: [{ of: 'value', is: TARGETS.reconnectMs }],
    note: `with ${MISSED} missed events each`,
  }
}

async function memoryOfAll(nodes: readonly ApiProcess[]): Promise<number> {
  const all = await Promise.all(nodes.map((node) => memoryOf(node.pid, 'VmRSS')))
  return all.reduce((sum, each) => sum + each, 0)
}
