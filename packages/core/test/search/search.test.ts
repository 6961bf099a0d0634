import { type Actor, collectLexemes } from '@servicedesk/core'
import { messages, ticketEvents, tickets, ticketWatchers } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const agent = await desk.person('Technical User')
const [nora, omar] = [await desk.person('Normal User'), await desk.person('Normal User')]

const search = (actor: Actor, q: string, more: object = {}) =>
  desk.core.tickets.list(actor, { q, per_page: 100, ...more })
const found = async (actor: Actor, q: string, more: object = {}) =>
  (await search(actor, q, more)).tickets.map(({ id }) => id)
const say = (actor: Actor, ticketId: number, body: string, isInternal = false) =>
  desk.core.messages.post(actor, { ticketId, body, isInternal })

const laptop = await desk.ticket(nora, {
  title: 'Laptop is slow',
  description: 'The fan howls all day long.',
})
const router = await desk.ticket(omar, {
  title: 'Router reboots',
  description: 'The howling fan is not to blame.',
})

t.test('words of title, description and messages, as beginnings; titles weigh most', async (t) => {
  const titled = await desk.ticket(omar, { title: 'Zeppelin', description: 'It will not start today.' })
  const described = await desk.ticket(omar, { title: 'Airship', description: 'That zeppelin again, please.' })
  const said = await desk.ticket(omar, { title: 'Balloon', description: 'It will not start today.' })
  await say(omar, said, 'I meant the zeppelin of last week.')
  t.same(await found(agent, 'zeppelin'), [titled, described, said])
  t.same(await found(agent, 'zepp'), [titled, described, said], 'by its beginning')
  t.same(await found(agent, 'zepp air'), [described], 'all of the words')
  t.same(await found(agent, 'airship or balloon'), [said, described], 'either; of equals the newest first')
  t.same(await found(agent, 'zepp -airship -balloon'), [titled])
  t.same(await found(agent, '"last week"'), [said], 'a phrase')
  t.same(await found(agent, '"week last"'), [])
  t.same(await found(agent, '"las week"'), [], 'a phrase is meant word for word')
  t.same(await found(agent, 'zeppelin', { sort: 'created_at' }), [titled, described, said])
  t.same(await found(agent, 'zeppelin', { status: ['New'], created_by: [String(omar.id)] }), [
    titled,
    described,
    said,
  ])
  t.same(await found(agent, 'zeppelin', { status: ['Closed'] }), [])
})

t.test('a word of several parts is found by its beginning too', async (t) => {
  const id = await desk.ticket(omar, {
    title: 'The wi-fi of O’Hara',
    description: "Ask o'neil for foo_barbaz.",
  })
  await say(agent, id, 'It is the follow-up of an e-mail.', true)
  for (const q of ['wi-f', "o'ne", 'foo_bar', 'follow-u', 'e-mai wi-f']) {
    t.same(await found(agent, q), [id], q)
    t.same(await found(agent, q, { sort: '-created_at' }), [id], q)
  }
  t.same(await found(omar, 'e-mai'), [], 'not in notes')
  t.same(await found(agent, '"wi-f"'), [])
})

t.test('the index follows every change of what is written', async (t) => {
  const id = await desk.ticket(nora, { title: 'Quokka one', description: 'Something about animals.' })
  await desk.core.tickets.update(agent, id, { title: 'Wombat two' })
  t.same([await found(agent, 'quokka'), await found(agent, 'wombat')], [[], [id]])
  await desk.core.tickets.update(agent, id, { description: 'Something about numbats.' })
  t.same([await found(agent, 'animals'), await found(agent, 'numbat')], [[], [id]])
  await say(nora, id, 'A bandicoot came by.')
  await say(agent, id, 'A bilby was there, do not tell.', true)
  const [bandicoot] = await desk.db
    .select()
    .from(messages)
    .where(eq(messages.ticketId, id))
    .orderBy(messages.id)
  const of = (word: string) => Promise.all([found(agent, word), found(nora, word)])
  t.same(await of('bandicoot'), [[id], [id]])
  t.same(await of('bilby'), [[id], []])
  const only = eq(messages.id, bandicoot?.id ?? 0)
  await desk.db.update(messages).set({ isInternal: true }).where(only)
  t.same(await of('bandicoot'), [[id], []], 'what became internal is found by staff only')
  await desk.db.update(messages).set({ isInternal: false, body: 'A dunnart came by.' }).where(only)
  t.same(await of('bandicoot'), [[], []])
  t.same(await of('dunnart'), [[id], [id]])
  await desk.db.update(messages).set({ ticketId: router }).where(only)
  t.same(await of('dunnart'), [[router], []], 'moved to a ticket of somebody else')
  await desk.db.update(ticketEvents).set({ messageId: null }).where(eq(ticketEvents.ticketId, id))
  await desk.db.delete(messages).where(only)
  t.same(await of('dunnart'), [[], []])
  await desk.db.update(tickets).set({ deletedAt: desk.clock.now() }).where(eq(tickets.id, id))
  t.same(await of('wombat'), [[], []], 'deleted')
  await say(nora, laptop, 'Nothing to do with it.')
  await desk.db.update(tickets).set({ deletedAt: null }).where(eq(tickets.id, id))
  t.same(await of('wombat'), [[id], [id]], 'and back')
  t.same(await of('bilby'), [[id], []])
})

t.test('requesters learn nothing of notes and of tickets of others', async (t) => {
  const id = await desk.ticket(nora, { title: 'Salary slip', description: 'It shows the wrong month.' })
  await say(agent, id, 'Xylophonist suspected of fraud', true)
  t.same(await found(agent, 'xylophonist'), [id])
  for (const q of [
    'xylophonist',
    'xylo',
    '"suspected of fraud"',
    'salary xylophonist',
    'xylophonits',
    'farud',
  ]) {
    for (const person of [nora, omar]) {
      const answer = await search(person, q)
      t.match(answer, { tickets: [], pagination: { total: 0, pages: 0 } }, `${person.name}: ${q}`)
      t.notOk('corrected_query' in answer, q)
    }
  }
  t.same(await found(nora, 'salary -xylophonist'), [id], 'what a note has excludes nothing')
  t.same(await found(agent, 'salary -xylophonist'), [])
  t.same(await found(agent, 'salary xylophonist'), [id], 'words of the ticket and of its note')
  t.same(await found(omar, 'salary'), [], 'of somebody else')
  t.same(await found(omar, `tkt-${id}`), [])
  t.same(await found(omar, String(id)), [])
  await desk.db.insert(ticketWatchers).values({ ticketId: id, userId: omar.id, createdAt: desk.clock.now() })
  t.same(await found(omar, 'salary'), [id], 'watched')
  t.same(await found(omar, 'salary', { sort: '-due_at' }), [id])
})

t.test('a number is a ticket’s name and may be a word', async (t) => {
  const id = await desk.ticket(nora, { title: `It is about ${laptop}`, description: 'See there, please.' })
  t.same(await found(agent, String(laptop)), [laptop, id], 'the ticket before those that name it')
  t.same(await found(agent, `tkt-${laptop}`), [laptop])
  t.same(await found(agent, String(laptop), { sort: '-created_at' }), [id, laptop])
  t.same(await found(agent, '999999999999999'), [])
  t.same(await found(agent, String(laptop), { status: ['Closed'] }), [])
})

t.test('a mistyped word is corrected only when nothing is found', async (t) => {
  const id = await desk.ticket(nora, {
    title: 'Kaleidoscope jammed',
    description: 'Turning it does not help.',
  })
  const typed = await search(agent, 'kaliedoscope')
  t.match(
    typed,
    { tickets: [{ id }], corrected_query: 'kaleidoscope', pagination: { total: 1 } },
    'typed a moment ago',
  )
  t.notOk('corrected_query' in (await search(agent, 'kaleidoscope')))
  t.match(
    await search(nora, 'kaliedoscope'),
    { tickets: [{ id }], corrected_query: 'kaleidoscope' },
    'of her own',
  )
  t.notOk('corrected_query' in (await search(omar, 'kaliedoscope')), 'another’s words are no suggestions')
  t.match(await search(agent, 'kaliedoscope jammed'), { corrected_query: 'kaleidoscope jammed' })
  t.match(
    await search(agent, 'laptop kaleidoscope'),
    { tickets: [], pagination: { total: 0 } },
    'both are words',
  )
  t.same(await found(agent, '"kaliedoscope"'), [], 'a phrase is meant')
  t.same(await found(agent, 'laptop -kaliedoscope'), [laptop])

  desk.clock.advance(3_600_000)
  await desk.db.execute(sql`
    INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at,
      updated_at)
    SELECT 'Ticket ' || n, 'One of many others.', status_id, status_class, priority_id, category_id, created_by, at, at
    FROM tickets, generate_series(1, 201) n, (SELECT ${desk.clock.now().toISOString()}::timestamptz AS at)
    WHERE id = ${id}`)
  t.notOk('corrected_query' in (await search(agent, 'kaliedoscope')), 'too long ago to be read by itself')
  const old = desk.clock.now()
  desk.clock.advance(61_000)
  const { tickets: read } = await collectLexemes(desk.db, desk.clock.now(), { limit: 40, batches: 3 })
  t.equal(read, 120, 'no more than a run may read')
  while ((await collectLexemes(desk.db, desk.clock.now(), { limit: 100 })).tickets > 0);
  t.match(
    await search(agent, 'kaliedoscope'),
    { tickets: [{ id }], corrected_query: 'kaleidoscope' },
    'collected',
  )
  t.ok(old < desk.clock.now())
  t.match(await collectLexemes(desk.db, desk.clock.now()), { tickets: 0, more: false })
  const known = await desk.db.query.searchLexemes.findMany()
  t.notOk(
    known.some(({ lexeme }) => lexeme === 'xylophonist'),
    'no words of notes',
  )
  t.same(
    known.filter(({ lexeme }) => /\d/.test(lexeme)),
    [],
    'nor numbers, of which each ticket has one',
  )
})

t.test('letters that changed places are put right, in short words too', async (t) => {
  const id = await desk.ticket(nora, { title: 'The numbat of VPN', description: 'Gone from the map.' })
  const rightly = async (actor: Actor, q: string) => (await search(actor, q)).corrected_query
  for (const when of ['typed a moment ago', 'collected']) {
    for (const person of [agent, nora]) {
      t.equal(await rightly(person, 'nubmat'), 'numbat', when)
      t.equal(await rightly(person, 'vnp'), 'vpn', when)
      t.equal(await rightly(person, 'numbat vnp'), 'numbat vpn', when)
      t.equal(
        await rightly(person, 'numbat form'),
        undefined,
        `${when}: a word that is left out is not meant`,
      )
    }
    t.equal(await rightly(omar, 'nubmat'), undefined)
    desk.clock.advance(3_600_000)
    await desk.db.update(tickets).set({ updatedAt: desk.clock.now() }).where(eq(tickets.id, id))
    desk.clock.advance(61_000)
    while ((await collectLexemes(desk.db, desk.clock.now())).tickets > 0);
    // None is newer.
    await desk.db.execute(sql`UPDATE search_progress SET updated_at = 'infinity'`)
  }
  await desk.db.execute(sql`UPDATE search_progress SET updated_at = ${desk.clock.now().toISOString()}`)
})

t.test('pages of a ranked search, by number and by cursor, while more is found', async (t) => {
  const ids: number[] = []
  const title = (n: number) => `Marmot ${'marmot '.repeat(n % 3)}number ${n}`
  for (let n = 0; n < 11; n += 1) ids.push(await desk.ticket(omar, { title: title(n) }))
  const ranked = await found(agent, 'marmot')
  t.same([...ranked].sort(), [...ids].sort())
  t.same(
    (await Promise.all([1, 2, 3].map((page) => found(agent, 'marmot', { per_page: 4, page })))).flat(),
    ranked,
  )
  const seen: number[] = []
  let cursor: string | null | undefined
  do {
    const page = await search(agent, 'marmto', { per_page: 4, ...(cursor ? { cursor } : {}) })
    t.equal(page.corrected_query, 'marmot', 'a walk goes on with what was meant')
    seen.push(...page.tickets.map((ticket) => ticket.id))
    cursor = page.pagination.next_cursor
    await desk.ticket(omar, { title: title(seen.length) })
  } while (cursor)
  t.same(seen, ranked, 'each once, none that came later')
  await t.rejects(search(agent, 'marmot', { page: 21 }), { name: 'DomainError', kind: 'invalid' })
  t.match(await search(agent, 'marmot', { page: 20 }), { tickets: [] })
})

t.test('whatever is typed is no error', async (t) => {
  const texts = [
    "'",
    '\\',
    ':*',
    '!!',
    '&',
    '| or |',
    '-',
    '"',
    '((',
    '<->',
    '%',
    '_',
    '🙂',
    '\u{10ffff}',
    '\ud800',
  ]
  for (const q of [
    ...texts,
    'the of and',
    'a'.repeat(500),
    '-printer',
    'it\'s -"',
    '""',
    '- - or -',
    'printer -------------------------------- laptop',
    '- '.repeat(250),
    '١٢٣',
    'ａｂ',
  ]) {
    for (const person of [agent, nora]) {
      const answer = await search(person, q)
      t.type(answer.pagination.total, 'number', `${person.name}: ${q.slice(0, 20)}`)
      await search(person, q, { sort: '-created_at' })
    }
  }
  t.same(await found(agent, 'the of and'), [], 'words that mean nothing find nothing')
})
