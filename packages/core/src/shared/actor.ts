import type { RoleName } from '../policy/roles.ts'

/** Who is asking: the user of a live session. */
export interface Actor {
  id: number
  name: string
  email: string
  role: RoleName
  sessionId: string
}
