import { readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const TESTS = ['apps/*/test/**/*.test.ts', 'packages/*/test/**/*.test.ts']
const OUT = join('node_modules', '.cache', 'servicedesk', 'tests')

/** Built test files by their paths from the root, as tap names them; the values are the sources. */
export type BuiltTests = ReadonlyMap<string, string>

/**
 * Bundles the test files with the product's sources. Every test file is a process of its own, and compiling and
 * finding some hundred modules took each of them longer than its tests.
 * @param files paths or patterns from the root; all tests when there are none
 * @throws when a file cannot be found or built
 */
export async function buildTests(root: string, files: readonly string[]): Promise<BuiltTests> {
  await rm(join(root, OUT), { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files.length > 0 ? files.map((file) => relative(root, join(root, file))) : TESTS,
    outbase: root,
    outdir: join(root, OUT),
    bundle: true,
    // Shared modules become chunks, so that each exists once in a process, as it does in the product.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    conditions: ['@servicedesk/source'],
    plugins: [keepPackages, keepPlaces],
    metafile: true,
    logLevel: 'error',
  })
  const built = new Map<string, string>()
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint?.endsWith('.test.ts')) built.set(path, entryPoint)
  }
  return built
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
