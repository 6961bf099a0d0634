import { freePort } from '@servicedesk/dev'
import { createTestDesk, startNode } from '@servicedesk/testing'
import t from 'tap'
import { testTold } from './told-on-node.ts'

// No server is there: a node that hears of nothing but what it changes itself, and finds all else by its look a second.
const redis = { kind: 'single', url: `redis://127.0.0.1:${await freePort()}` } as const
const desk = await createTestDesk(t)
await testTold(t, desk, 'a node without Redis', await startNode(t, desk, { redis }))
