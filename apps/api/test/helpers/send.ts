import type { Actor } from '@servicedesk/core'
import type { TestDesk } from '@servicedesk/testing'
import type { InjectOptions } from 'fastify'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Send = (
  method: Method,
  path: string,
  payload?: InjectOptions['payload'],
  headers?: Record<string, string>,
) => Promise<Awaited<ReturnType<TestDesk['app']['inject']>>>

/** Sends requests as an actor, or as nobody; paths are below /api/v1. */
export function sender(desk: TestDesk, actor?: Actor): Send {
  const signedIn = actor === undefined ? {} : desk.as(actor)
  return (method, path, payload, headers = {}) =>
    desk.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...signedIn, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
}

export const A_TICKET = {
  title: 'Printer is jammed',
  description: 'It swallows every second sheet of paper.',
}

/** Creates a ticket and answers its body. */
export async function makeTicket(send: Send, more: object = {}) {
  const response = await send('POST', '/tickets', { ...A_TICKET, ...more })
  if (response.statusCode !== 201) throw new Error(`no ticket: ${response.body}`)
  return response.json() as { id: number; ticket_id: string; version: number; [member: string]: unknown }
}
