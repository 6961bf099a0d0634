import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { groupName, groupTests, type TestGroup } from './group-tests.ts'
import type { Suite } from './suites.ts'

/** A folder for each suite, so that both can run at a time. */
const outOf = ({ ending }: Suite) =>
  join('node_modules', '.cache', 'servicedesk', `tests-${ending.split('.')[1]}`)

/** Built files by their paths from the root, as tap names them; the values are what people call them. */
export type BuiltTests = ReadonlyMap<string, string>

/**
 * Bundles the test files with the product's sources, a bundle for each group.
 * @param files paths from the root
 * @throws when a file cannot be found or built
 */
export async function buildTests(root: string, files: readonly string[], suite: Suite): Promise<BuiltTests> {
  const out = outOf(suite)
  const groups = groupTests(root, files, suite)
  await rm(join(root, out), { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(groups.map(({ bundle }) => [bundle, `tests:${bundle}`])),
    outdir: join(root, out),
    // Below node_modules no package.json says that .js is ESM.
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Shared modules become chunks, so that each exists once in a process, as it does in the product.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    conditions: ['@servicedesk/source'],
    plugins: [entries(root, groups), keepPackages, keepPlaces],
    logLevel: 'error',
  })
  return new Map(groups.map((group) => [join(out, `${group.bundle}.mjs`), groupName(group)]))
}

/**
 * The modules that import a bundle's test files.
 *
 * Tests wait until all files are there: tap ends a run, and tears everything down, as soon as nothing is queued, which
 * is also so while a file prepares itself at its top and the tests of those before it are done.
 */
function entries(root: string, groups: readonly TestGroup[]): Plugin {
  const bundles = new Map(groups.map(({ bundle, files }) => [bundle, files]))
  return {
    name: 'entries',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^tests:/ }, ({ path }) => ({
        path: path.slice('tests:'.length),
        namespace: 'tests',
      }))
      onLoad({ filter: /./, namespace: 'tests' }, ({ path }) => ({
        contents: `import t from 'tap'
          const load = async () => {
            ${(bundles.get(path) ?? []).map((file) => `await import(${JSON.stringify(join(root, file))})`).join('\n')}
          }
          t.waitOn(load(), ({ rejected, value }) => rejected && t.threw(value))`,
        resolveDir: root,
      }))
    },
  }
}

/** Of packages only those are bundled that consist of very many modules; others may rely on where they lie. */
const bundled = /^(?:@servicedesk\/|drizzle-orm|typebox)/
const seen = Symbol('resolved already')

const keepPackages: Plugin = {
  name: 'keep packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (pluginData === seen || kind === 'entry-point' || bundled.test(path)) return undefined
      // By its file: from where the bundle lies, a package of one workspace only could not be found.
      const found = await resolve(path, { kind, resolveDir, importer, pluginData: seen })
      return { path: found.errors.length > 0 || found.external ? path : found.path, external: true }
    })
  },
}

/** What a source finds beside itself, it must still find. */
const keepPlaces: Plugin = {
  name: 'keep places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined
      const text = await readFile(path, 'utf8')
      const place = JSON.stringify(pathToFileURL(path).href)
      return { contents: text.replaceAll('import.meta.url', place), loader: 'ts' }
    })
  },
}
