/** Somebody signed in at an API. */
export interface Uploader {
  url: string
  token: string
}

/** Registers somebody new. */
export async function signUp(url: string): Promise<Uploader> {
  const person = {
    email: `bench-${Date.now()}@example.com`,
    password: 'a long password of the bench',
    name: 'Bench',
  }
  const { access_token } = await answerOf<{ access_token: string }>(
    await fetch(`${url}/auth/register`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(person) }),
  )
  return { url, token: access_token }
}

/** Creates a ticket to hang files on; answers its number. */
export async function reportTicket({ url, token }: Uploader): Promise<string> {
  const ticket = { title: 'The printer on floor 3 is jammed', description: 'The logs of it are attached.' }
  const headers = { ...JSON_TYPE, authorization: `Bearer ${token}` }
  const body = JSON.stringify(ticket)
  const { id } = await answerOf<{ id: number }>(
    await fetch(`${url}/tickets`, { method: 'POST', headers, body }),
  )
  return String(id)
}

/** Uploads an archive as a browser does. */
export async function upload({ url, token }: Uploader, ticketId: string, content: Buffer): Promise<void> {
  const form = new FormData()
  form.append('ticket_id', ticketId)
  form.append('file', new Blob([new Uint8Array(content)]), 'logs.7z')
  const headers = { authorization: `Bearer ${token}` }
  await answerOf(await fetch(`${url}/files/upload`, { method: 'POST', headers, body: form }))
}

const JSON_TYPE = { 'content-type': 'application/json' }

async function answerOf<Body>(response: Response): Promise<Body> {
  if (response.status !== 201)
    throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Body
}
