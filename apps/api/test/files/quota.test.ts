import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const KB = 1_024
const desk = await createTestDesk(t, { config: { uploadQuotaBytes: 100 * KB } })
const text = (kilobytes: number) => ({ name: 'notes.txt', content: 'x'.repeat(kilobytes * KB) })

/** A person with a ticket, who uploads texts of so many kilobytes in one form. */
async function person() {
  const send = sender(desk, await desk.person('Normal User'))
  const { id } = await makeTicket(send)
  return {
    send,
    upload: async (...sizes: number[]) => {
      const { payload, headers } = await form({ ticket_id: String(id) }, sizes.map(text))
      return send('POST', '/files/upload', payload, headers)
    },
  }
}

t.test('what a person has left is what they may upload, to the byte; deleted files make room', async (t) => {
  const { send, upload } = await person()
  const { id } = (await upload(60)).json()
  const before = [await contentOf(desk), storedFiles(desk)]
  const refused = isProblem(t, await upload(41), 413, 'quota_exceeded')
  t.match(refused.detail, 'Of your 100.0 KB for files 40.0 KB are left')
  isProblem(t, await upload(30, 11), 413, 'quota_exceeded', 'two files that fit one by one only')
  t.same([await contentOf(desk), storedFiles(desk)], before, 'nothing is kept')
  t.equal((await upload(40)).statusCode, 201, 'the last byte')
  isProblem(t, await upload(1), 413, 'quota_exceeded', 'nothing is left')
  await send('DELETE', `/files/${id}`)
  t.equal((await upload(30, 30)).statusCode, 201)
})

t.test('everybody has their own', async (t) => {
  const [one, other] = [await person(), await person()]
  t.equal((await one.upload(100)).statusCode, 201)
  t.equal((await other.upload(100)).statusCode, 201)
})

t.test('many uploads at once do not pass it together', async (t) => {
  const { send } = await person()
  // A ticket each: what comes to one ticket waits for its lock anyway.
  const tickets = await Promise.all(Array.from({ length: 8 }, () => makeTicket(send)))
  const forms = await Promise.all(tickets.map(({ id }) => form({ ticket_id: String(id) }, [text(30)])))
  const answers = await Promise.all(
    forms.map(({ payload, headers }) => send('POST', '/files/upload', payload, headers)),
  )
  const codes = answers.map((each) => each.statusCode)
  t.strictSame(codes.sort(), [201, 201, 201, 413, 413, 413, 413, 413])
})

t.test('a ticket with files counts as well, and is refused as a whole', async (t) => {
  const { send, upload } = await person()
  const ticket = { title: 'Printer on fire', description: 'The printer in the hall is on fire.' }
  const create = async (kilobytes: number) => {
    const { payload, headers } = await form(ticket, [text(kilobytes)])
    return send('POST', '/tickets', payload, headers)
  }
  t.equal((await create(70)).statusCode, 201)
  const before = [await contentOf(desk), storedFiles(desk)]
  isProblem(t, await create(31), 413, 'quota_exceeded')
  t.same([await contentOf(desk), storedFiles(desk)], before)
  isProblem(t, await upload(31), 413, 'quota_exceeded')
  t.equal((await create(30)).statusCode, 201)
})

t.test('a replayed upload is not counted twice', async (t) => {
  const { send } = await person()
  const { id } = await makeTicket(send)
  const { payload, headers } = await form({ ticket_id: String(id) }, [text(60)])
  const again = () => send('POST', '/files/upload', payload, { ...headers, 'idempotency-key': 'one' })
  const [first, second] = [await again(), await again()]
  t.same(second.json(), first.json())
  const fresh = { ...headers, 'idempotency-key': 'two' }
  isProblem(t, await send('POST', '/files/upload', payload, fresh), 413, 'quota_exceeded')
  t.equal(storedFiles(desk).filter((path) => path.includes(first.json().id)).length, 1)
})
