import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ALERT_TYPES, type Core } from '@servicedesk/core'
import { type TSchema, Type } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, Nullable, strict } from '../shared/schemas.ts'

const tags = ['Alerts']

type AlertType = (typeof ALERT_TYPES)[number]
type Changes = Parameters<Core['preferences']['change']>[1]

const perType = <T extends TSchema>(schema: T) =>
  Object.fromEntries(ALERT_TYPES.map((type) => [type, schema])) as Record<AlertType, T>

const Preferences = Type.Object(
  perType(
    Type.Object({
      in_app: Type.Boolean({ description: 'An alert in the desk' }),
      email: Type.Boolean({ description: 'A mail' }),
    }),
  ),
)
const Wish = Nullable(Type.Boolean({ description: 'null: as it is by default' }))
const PreferencesPatch = Type.Object(
  perType(Type.Optional(Type.Object({ in_app: Type.Optional(Wish), email: Type.Optional(Wish) }, strict))),
  strict,
)

/** How a person wants to be told of what. */
export const preferenceRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/me/notification-preferences',
    {
      schema: {
        tags,
        operationId: 'getPreferences',
        summary: 'Which alerts one gets, and which by mail',
        response: answers({ 200: Preferences }),
      },
    },
    async (request) => core.preferences.get(request.actor),
  )

  app.put(
    '/me/notification-preferences',
    {
      schema: {
        tags,
        operationId: 'changePreferences',
        summary: 'Choose which alerts to get, and which by mail',
        description:
          'What is not sent stays, null goes back to the default, and what is shown and was never chosen is no choice. ' +
          'The default of mail is about tickets of one’s own and what one must act on.',
        body: PreferencesPatch,
        response: answers({ 200: Preferences }),
      },
    },
    async (request) => core.preferences.change(request.actor, request.body as Changes),
  )
}
