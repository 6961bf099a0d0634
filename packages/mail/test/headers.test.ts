import t from 'tap'
import { mailHeaders, messageId } from '../src/headers.ts'

t.test('a delivery has one Message-ID, however often it is tried', async (t) => {
  t.equal(messageId('018f3c5e-1', 'desk.example.com'), '<delivery-018f3c5e-1@desk.example.com>')
  t.equal(messageId('018f3c5e-1', 'desk.example.com'), messageId('018f3c5e-1', 'desk.example.com'))
  t.equal(messageId('42', 'localhost'), '<delivery-42@localhost>')
})

t.test('mail about one ticket is one thread, and nothing answers it by itself', async (t) => {
  t.same(mailHeaders({ domain: 'desk.example.com', ticketRef: 'TKT-1001' }), {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'In-Reply-To': '<ticket-1001@desk.example.com>',
    References: '<ticket-1001@desk.example.com>',
    'List-Id': 'ServiceDesk tickets <tickets.desk.example.com>',
  })
  t.same(mailHeaders({ domain: 'desk.example.com' }), {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
  })
})

t.test('what cannot be part of a header is refused', async (t) => {
  for (const bad of ['', 'a b', 'x>\r\nBcc: y', '-']) {
    t.throws(() => messageId('1', bad), RangeError, JSON.stringify(bad))
    t.throws(() => mailHeaders({ domain: bad, ticketRef: 'TKT-1' }), RangeError)
  }
  t.throws(() => messageId('1>\r\nBcc: y', 'example.com'), RangeError)
  t.throws(() => mailHeaders({ domain: 'example.com', ticketRef: 'TKT-1>\r\nBcc: y' }), RangeError)
})
