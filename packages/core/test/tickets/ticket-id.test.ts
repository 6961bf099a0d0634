import { DomainError, parseTicketId, ticketRef } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

t.test('a number, a decimal string and a reference name the same ticket', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (id) =>
      [id, String(id), ticketRef(id), ticketRef(id).toLowerCase(), ` ${id} `].every(
        (name) => parseTicketId(name) === id,
      ),
    ),
  )
})

t.test('everything else is 400 at the path that was asked for', async (t) => {
  const wrong = [
    '',
    '0',
    '-1',
    '1.5',
    '1e3',
    'TKT-',
    'TKT-0',
    'TKT-1-2',
    'TKT1001',
    '١٠٠١',
    '9'.repeat(16),
    'NaN',
  ]
  for (const value of [...wrong, Number.NaN, -1, 0, 1.5, Number.POSITIVE_INFINITY]) {
    t.throws(
      () => parseTicketId(value, 'id'),
      { name: 'DomainError', kind: 'invalid', fields: [{ path: 'id' }] },
      String(value),
    )
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        return parseTicketId(text) > 0
      } catch (error) {
        return error instanceof DomainError
      }
    }),
  )
})
