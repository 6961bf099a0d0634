import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { limited } from '../plugins/rate-limit.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import { uploadFiles } from './files.routes.ts'
import { ImageUploaded, UploadForm } from './files.schemas.ts'

/** The older names of the upload: the same store and rules, another shape of answer. */
export const imageUploadRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  for (const [url, operationId] of [
    ['/upload/image', 'uploadImage'],
    ['/files/cloudinary/upload', 'uploadToCloudinary'],
  ] as const) {
    app.post(
      url,
      {
        config: { ...limited('upload'), multipart: UploadForm },
        schema: {
          tags: ['Files'],
          operationId,
          summary: 'Attach a file to a ticket; answers as picture hosts do',
          deprecated: true,
          response: answers({ 201: ImageUploaded }),
        },
      },
      async (request, reply) => {
        const [file] = await uploadFiles(deps, request, reply)
        if (file === undefined) throw new Error('an upload answered without a file')
        const url = deps.link(file)
        return reply.send({
          success: true,
          id: file.id,
          url,
          public_id: file.id,
          width: file.width,
          height: file.height,
          file_url: url,
          format: file.filename.split('.').at(-1)?.toLowerCase() ?? '',
          bytes: file.bytes,
        })
      },
    )
  }
}
