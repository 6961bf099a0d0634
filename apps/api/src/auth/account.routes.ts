import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { limited } from '../plugins/rate-limit.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import {
  ChangePasswordBody,
  Done,
  ForgotPasswordBody,
  ResetPasswordBody,
  VerifyEmailBody,
} from './auth.schemas.ts'

const tags = ['Authentication']

/** Addresses and passwords: what is mailed, and what the links in it do. */
export const accountRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  const publicRoute = { access: 'public' as const, ...limited('auth') }

  app.post(
    '/verify-email',
    {
      config: publicRoute,
      schema: {
        tags,
        operationId: 'verifyEmail',
        summary: 'Confirm an address with the token that was mailed to it',
        body: VerifyEmailBody,
        response: answers({ 200: Done }),
      },
    },
    async (request) => {
      await core.accounts.verifyEmail(request.body.token)
      return { success: true, message: 'The address is confirmed' }
    },
  )

  app.post(
    '/forgot-password',
    {
      config: publicRoute,
      schema: {
        tags,
        operationId: 'forgotPassword',
        summary: 'Ask for a mail with a link that sets a new password',
        description: 'The answer is the same whether or not the address has an account; one mail a minute',
        body: ForgotPasswordBody,
        response: answers({ 202: Done }),
      },
    },
    async (request, reply) => {
      await core.accounts.forgotPassword(request.body.email)
      return reply
        .code(202)
        .send({ success: true, message: 'If the address has an account, a mail is on its way' })
    },
  )

  app.post(
    '/reset-password',
    {
      config: publicRoute,
      schema: {
        tags,
        operationId: 'resetPassword',
        summary: 'Set a password with the token of an invitation or reset mail',
        body: ResetPasswordBody,
        response: answers({ 200: Done }),
      },
    },
    async (request) => {
      await core.accounts.resetPassword(request.body.token, request.body.password)
      return { success: true, message: 'The password is set; sign in with it' }
    },
  )

  app.post(
    '/change-password',
    {
      config: limited('auth'),
      schema: {
        tags,
        operationId: 'changePassword',
        summary: 'Set another password; all other sessions end',
        body: ChangePasswordBody,
        response: answers({ 200: Done }),
      },
    },
    async (request) => {
      const { current_password, new_password } = request.body
      await core.accounts.changePassword(request.actor, current_password, new_password)
      return { success: true, message: 'The password is changed' }
    },
  )
}
