import { type OwnCluster, startOwnCluster, type Teardown, useRedis } from '@servicedesk/testing'
import { useRedisProxy } from './redis-proxy.ts'

/** Lets the tests that this process imports from now on run against a cluster of their own. */
export async function onCluster(t: Teardown): Promise<OwnCluster> {
  const cluster = await startOwnCluster(t)
  const { connection, nodes } = cluster
  useRedis(connection)
  let settled: Promise<unknown> = Promise.resolve()
  useRedisProxy({
    connection,
    // A cluster tells its clients its nodes' own addresses, past any proxy: what is cut off are the processes.
    cut() {
      settled = Promise.all(nodes.map((node) => node.kill()))
    },
    mend() {
      settled = settled.then(() => Promise.all(nodes.map((node) => node.start('kept'))))
    },
  })
  return cluster
}
