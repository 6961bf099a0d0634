/** As much of s3rver as the tests use; it brings no types. */
declare module 's3rver' {
  import type { RequestListener } from 'node:http'

  // biome-ignore lint/style/noDefaultExport: it is what the package has
  export default class S3rver {
    constructor(options: {
      directory: string
      silent: boolean
      configureBuckets: { name: string; configs: string[] }[]
    })
    readonly store: { listObjects(bucket: string, options: { maxKeys: number }): Promise<unknown> }
    configureBuckets(): Promise<unknown>
    callback(): RequestListener
  }
}
