import { isAgentRole, parseRole, ROLE_NAMES } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

t.test('a role by its name in any case, its slug or its short name', async (t) => {
  for (const role of ROLE_NAMES) {
    for (const text of [
      role,
      role.toUpperCase(),
      role.toLowerCase().replace(' ', '_'),
      role.replace(' ', '-'),
    ]) {
      t.equal(parseRole(text), role, text)
    }
  }
  t.equal(parseRole('customer'), 'Normal User')
  t.equal(parseRole('agent'), 'Technical User')
  t.equal(parseRole('Supervisor'), 'Technical Supervisor')
  t.equal(parseRole('ADMIN'), 'System Admin')
})

t.test('what is no role is none, also what every object has', async (t) => {
  for (const text of ['', 'root', 'constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty']) {
    t.equal(parseRole(text), undefined, text)
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const role = parseRole(text)
      return role === undefined || ROLE_NAMES.includes(role)
    }),
  )
})

t.test('tickets are assigned to Technical Users and Supervisors', async (t) => {
  t.strictSame(ROLE_NAMES.filter(isAgentRole), ['Technical User', 'Technical Supervisor'])
})
