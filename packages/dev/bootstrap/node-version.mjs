const oldest = [20, 19]

/** One sentence when this version of Node cannot run the project, otherwise undefined. */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined
  return `ServiceDesk needs Node ${oldest.join('.')} or newer, and this is Node ${version}: install a newer one from https://nodejs.org.`
}
