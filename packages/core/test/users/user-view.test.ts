import { DomainError } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'
import { splitName } from '../../src/users/user-view.ts'

t.test('both forms of a name give all three', async (t) => {
  const ada = { name: 'Ada Byrne', firstName: 'Ada', lastName: 'Byrne' }
  t.strictSame(splitName({ name: 'Ada Byrne' }), ada)
  t.strictSame(splitName({ first_name: ' Ada ', last_name: 'Byrne' }), ada)
  t.strictSame(splitName({ name: ' Ada \t Byrne ' }), ada)
  t.match(splitName({ name: 'Mary Ann Byrne' }), { firstName: 'Mary Ann', lastName: 'Byrne' })
  t.strictSame(splitName({ name: 'Plato' }), { name: 'Plato', firstName: 'Plato', lastName: '' })
  t.strictSame(splitName({ first_name: 'Plato' }), { name: 'Plato', firstName: 'Plato', lastName: '' })
})

t.test('no name at all is 400', async (t) => {
  for (const input of [{}, { name: '' }, { name: ' ' }, { first_name: '', last_name: ' ' }]) {
    t.throws(() => splitName(input), { name: 'DomainError', kind: 'invalid', fields: [{ path: 'name' }] })
  }
})

t.test('a whole name is never lost and has no stray space', async () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      try {
        const parts = splitName({ name })
        const joined = [parts.firstName, parts.lastName].filter(Boolean).join(' ')
        return joined === parts.name && parts.name === parts.name.trim() && !/\s\s/.test(parts.name)
      } catch (error) {
        return error instanceof DomainError && name.trim() === ''
      }
    }),
  )
})
