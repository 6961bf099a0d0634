/**
 * Whether an installed tree (node_modules/.package-lock.json) is what package-lock.json asks for. Optional packages
 * may be missing, because those of other platforms are never installed.
 */
export function lockfilesAgree(wanted, installed) {
  const have = installed.packages ?? {}
  const want = wanted.packages ?? {}
  const isInstallable = (path) => path.startsWith('node_modules/') || path.includes('/node_modules/')
  const missing = Object.entries(want).some(
    ([path, entry]) =>
      isInstallable(path) &&
      (have[path] === undefined
        ? !(entry.optional || entry.devOptional || entry.peer)
        : !sameEntry(entry, have[path])),
  )
  return !missing && Object.keys(have).every((path) => !isInstallable(path) || want[path] !== undefined)
}

function sameEntry(a, b) {
  return a.version === b.version && a.integrity === b.integrity && Boolean(a.link) === Boolean(b.link)
}
