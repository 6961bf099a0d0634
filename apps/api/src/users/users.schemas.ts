import { Type } from 'typebox'
import {
  Nullable,
  NullableTimestamp,
  Pagination,
  pageQuery,
  strict,
  Text,
  Timestamp,
} from '../shared/schemas.ts'

const Email = Type.String({ format: 'email', maxLength: 254 })
const Name = Type.String({ maxLength: 100 })
const Skill = Type.Object({ category: Name, level: Type.Integer({ minimum: 1, maximum: 5 }) }, strict)
const Absence = Type.Union([
  Type.String({ format: 'date-time', description: 'ISO 8601 with a zone' }),
  Type.String({ format: 'date', description: 'From its start, or to its end, in UTC' }),
])
const OutOfOffice = Type.Object({ from: Absence, to: Type.Optional(Nullable(Absence)) }, strict)

export const User = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  email: Type.String(),
  role: Type.String(),
  is_active: Type.Boolean(),
  is_verified: Type.Boolean(),
  created_at: Timestamp,
  last_login_at: NullableTimestamp,
  team: Type.Optional(Nullable(Type.String())),
  skills: Type.Optional(Type.Array(Type.Object({ category: Type.String(), level: Type.Integer() }))),
  max_tickets: Type.Optional(Type.Integer()),
  is_available: Type.Optional(Type.Boolean()),
  out_of_office: Type.Optional(Nullable(Type.Object({ from: Timestamp, to: NullableTimestamp }))),
  active_tickets: Type.Optional(Type.Integer()),
})

export const UserList = Type.Object({ users: Type.Array(User), pagination: Pagination })

export const UserQuery = Type.Object(
  {
    ...pageQuery,
    role: Type.Optional(Type.Array(Type.String())),
    search: Type.Optional(Text(0, 200)),
    is_active: Type.Optional(Type.Boolean()),
  },
  strict,
)

const names = {
  name: Type.Optional(Text(1, 200)),
  first_name: Type.Optional(Text(1, 100)),
  last_name: Type.Optional(Text(0, 100)),
}
const Password = Text(8, 128)

export const NewUser = Type.Object(
  { ...names, email: Email, role: Name, password: Type.Optional(Password) },
  strict,
)

export const UserPatch = Type.Object(
  {
    ...names,
    email: Type.Optional(Email),
    role: Type.Optional(Name),
    is_active: Type.Optional(Type.Boolean()),
    password: Type.Optional(Password),
    team: Type.Optional(Nullable(Name)),
    skills: Type.Optional(Type.Array(Skill, { maxItems: 100 })),
    max_tickets: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    is_available: Type.Optional(Type.Boolean()),
    out_of_office: Type.Optional(Nullable(OutOfOffice)),
  },
  strict,
)

export const SelfPatch = Type.Object(names, strict)
