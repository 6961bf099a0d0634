import t from 'tap'
import { mailHeaders, messageId } from '../src/headers.ts'

const WEB = 'https://desk.example.com'
const DESK = { domain: 'desk.example.com', productName: 'ServiceDesk' }

t.test('a delivery has one Message-ID, however often it is tried', async (t) => {
  t.equal(messageId('018f3c5e-1', 'desk.example.com'), '<delivery-018f3c5e-1@desk.example.com>')
  t.equal(messageId('018f3c5e-1', 'desk.example.com'), messageId('018f3c5e-1', 'desk.example.com'))
  t.equal(messageId('42', 'localhost'), '<delivery-42@localhost>')
})

t.test('mail about one ticket is one thread, and nothing answers it by itself', async (t) => {
  t.same(mailHeaders({ ...DESK, ticketRef: 'TKT-1001', preferencesUrl: `${WEB}/settings/notifications` }), {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'In-Reply-To': '<ticket-1001@desk.example.com>',
    References: '<ticket-1001@desk.example.com>',
    'List-Unsubscribe': '<https://desk.example.com/settings/notifications>',
    'List-Id': 'ServiceDesk tickets <tickets.desk.example.com>',
  })
  t.same(mailHeaders(DESK), {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
  })
})

t.test('what cannot be part of a header is refused', async (t) => {
  for (const bad of ['', 'a b', 'x>\r\nBcc: y', '-']) {
    t.throws(() => messageId('1', bad), RangeError, JSON.stringify(bad))
    t.throws(() => mailHeaders({ ...DESK, domain: bad, ticketRef: 'TKT-1' }), RangeError)
  }
  t.throws(() => messageId('1>\r\nBcc: y', 'example.com'), RangeError)
  t.throws(() => mailHeaders({ ...DESK, ticketRef: 'TKT-1>\r\nBcc: y' }), RangeError)
  for (const preferencesUrl of ['javascript:alert(1)', '/settings', 'x>\r\nBcc: y'])
    t.throws(() => mailHeaders({ ...DESK, preferencesUrl }), TypeError)
})

t.test('the name of the desk is a phrase in List-Id, whatever it is', async (t) => {
  const listId = (productName: string) => mailHeaders({ ...DESK, productName, ticketRef: 'TKT-1' })['List-Id']
  t.equal(listId('Hilfe & Mehr'), 'Hilfe & Mehr tickets <tickets.desk.example.com>')
  t.equal(listId('a\r\nBcc: <b@c>\u2028"d"'), 'a Bcc b c d tickets <tickets.desk.example.com>')
  t.equal(listId('=?utf-8?Q?x?='), 'utf-8 Q x tickets <tickets.desk.example.com>')
  t.equal(listId('x'.repeat(10_000))?.length, 60 + ' tickets <tickets.desk.example.com>'.length)
})
