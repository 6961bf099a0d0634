/** `desk` for being online at all, otherwise a ticket's id. */
export type Place = 'desk' | number

export interface Person {
  id: number
  name: string
}

/** A person's being somewhere, as the text of a lease. */
export const leaseOf = (place: Place, { id, name }: Person) => `${place}:${id}:${name}`

/** @returns undefined for a lease that is none of ours */
export function parseLease(lease: string): { place: Place; person: Person } | undefined {
  const [, place, id, name] = /^(desk|\d+):(\d+):(.*)$/s.exec(lease) ?? []
  if (place === undefined || name === undefined) return undefined
  return { place: place === 'desk' ? place : Number(place), person: { id: Number(id), name } }
}

/** Who is where, by however many nodes: people come with the first and go with the last. */
export function createAttendance() {
  const places = new Map<Place, Map<number, { name: string; nodes: Set<string> }>>()

  function enter(place: Place, { id, name }: Person, node: string): boolean {
    const people = places.get(place) ?? new Map()
    places.set(place, people)
    const nodes = people.get(id)?.nodes ?? new Set()
    people.set(id, { name, nodes })
    return nodes.size < nodes.add(node).size && nodes.size === 1
  }

  function leave(place: Place, { id }: Person, node: string): boolean {
    const people = places.get(place)
    const nodes = people?.get(id)?.nodes
    if (!nodes?.delete(node) || nodes.size > 0) return false
    people?.delete(id)
    if (people?.size === 0) places.delete(place)
    return true
  }

  return {
    /** @returns whether the person has come to the place or gone from it by this */
    set: (place: Place, person: Person, node: string, isHere: boolean) =>
      isHere ? enter(place, person, node) : leave(place, person, node),
    nameOf: (place: Place, id: number): string | undefined => places.get(place)?.get(id)?.name,
    in: (place: Place): Person[] => [...(places.get(place) ?? [])].map(([id, { name }]) => ({ id, name })),
  }
}

export type Attendance = ReturnType<typeof createAttendance>
