import t from 'tap'
import { onCluster } from '../helpers/on-cluster.ts'

await onCluster(t)
await import('../reconcile.test.ts')
