import { hashToken, newToken, successorOf } from '@servicedesk/core'
import t from 'tap'

t.test('tokens are new each time, 256 bits, fit for URLs', async (t) => {
  const tokens = Array.from({ length: 100 }, newToken)
  t.equal(new Set(tokens).size, 100)
  for (const token of tokens) {
    t.match(token, /^[A-Za-z0-9_-]{43}$/)
    t.equal(Buffer.from(token, 'base64url').length, 32)
  }
})

t.test('the hash is always the same and says nothing of the token', async (t) => {
  const token = newToken()
  t.equal(hashToken(token), hashToken(token))
  t.not(hashToken(token), token)
  t.not(hashToken(token), hashToken(newToken()))
})

t.test('a successor follows from token and secret, and from neither alone', async (t) => {
  const token = newToken()
  const next = successorOf(token, 'one secret')
  t.equal(next, successorOf(token, 'one secret'))
  t.not(next, successorOf(token, 'another secret'))
  t.not(next, successorOf(newToken(), 'one secret'))
  t.match(next, /^[A-Za-z0-9_-]{43}$/)
  t.not(successorOf(next, 'one secret'), next)
})
