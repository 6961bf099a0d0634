import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { AssignmentSettingsChanges } from '@servicedesk/core'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import { AssignmentSettings, AssignmentSettingsPatch } from './assignment.schemas.ts'

const tags = ['Configuration']

/** How tickets find their agents: to read for everybody, to change for admins. */
export const assignmentSettingsRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/assignment',
    {
      schema: {
        tags,
        operationId: 'getAssignmentSettings',
        summary: 'Assignment settings',
        response: answers({ 200: AssignmentSettings }),
      },
    },
    async () => core.assignmentSettings.get(),
  )

  app.put(
    '/assignment',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: 'updateAssignmentSettings',
        summary: 'Change the assignment settings; members that are not sent stay',
        body: AssignmentSettingsPatch,
        response: answers({ 200: AssignmentSettings }),
      },
    },
    async (request) =>
      core.assignmentSettings.update(request.actor, request.body as AssignmentSettingsChanges),
  )
}
