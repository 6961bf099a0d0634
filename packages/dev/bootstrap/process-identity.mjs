import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Identifies a running process beyond its pid, which the system hands out again: a text that stays the same while
 * it lives (its start time), or undefined when no such process runs. A zombie counts as gone.
 */
export function processIdentity(pid) {
  try {
    // The name in parentheses may hold spaces, so fields are counted after the last parenthesis.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return process.platform === 'linux' ? undefined : identityFromPs(pid)
  }
}

function identityFromPs(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const line = (stdout ?? '').trim()
  return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
}
