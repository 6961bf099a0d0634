import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'

const root = resolve('.')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

/** What the compiler says of a client's code under the strictest settings. */
function compile(code: string): string {
  // Below packages/testing, which has the client among its dependencies.
  const folder = join(root, 'packages/testing/node_modules/.cache/client-types')
  mkdirSync(folder, { recursive: true })
  const head = `import { io, type Socket } from 'socket.io-client'
import type { ClientToServerEvents, ServerToClientEvents } from '@servicedesk/realtime'
`
  writeFileSync(join(folder, 'client.ts'), head + code)
  const settings = { extends: join(root, 'tsconfig.json'), files: ['client.ts'], references: [] }
  const compilerOptions = { composite: false, noEmit: true, rootDir: root, noUnusedLocals: false }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...settings, compilerOptions }))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout
}

t.test("the README's sample compiles as it stands", async (t) => {
  const [, sample] = /```ts\n(const socket: Socket<[^`]*)```/.exec(readFileSync('README.md', 'utf8')) ?? []
  t.type(sample, 'string')
  const given = `declare const url: string
declare const token: string
declare function show(event: string, payload: unknown): void
`
  t.equal(compile(given + sample), '')
})

t.test('a request of nothing needs no payload, and others do', async (t) => {
  const code = `declare const socket: Socket<ServerToClientEvents, ClientToServerEvents>
declare const some: string | undefined
socket.emit('request_presence')
socket.emit('request_presence', {})
socket.emit('request_presence', ({ ok }) => ok)
socket.emit('request_presence', {}, ({ ok }) => ok)
socket.emit('join_ticket', { ticket_id: 1001 })
socket.emit('join_ticket', { ticket_id: 'TKT-1001', after_seq: undefined }, ({ ok }) => ok)
// @ts-expect-error
socket.emit('join_ticket')
// @ts-expect-error
socket.emit('leave_ticket', {})
// @ts-expect-error
socket.emit('send_message', { ticket_id: 1001, message: some })
// @ts-expect-error
socket.emit('request_presence', {}, 1)
`
  t.equal(compile(code), '')
})
