import { Type } from 'typebox'
import { NullableTimestamp, strict, Text, Timestamp } from '../shared/schemas.ts'

const Email = Type.String({ format: 'email', maxLength: 254 })
const Password = Type.String({ minLength: 1, maxLength: 1_000 })
const RefreshToken = Type.String({ maxLength: 200, pattern: '^[\\x21-\\x7e]*$' })

export const RegisterBody = Type.Object(
  {
    email: Email,
    password: Text(8, 128),
    name: Type.Optional(Text(1, 200)),
    first_name: Type.Optional(Text(1, 100)),
    last_name: Type.Optional(Text(1, 100)),
    role: Type.Optional(Type.Any({ description: 'Ignored: registration makes a Normal User' })),
  },
  strict,
)

export const LoginBody = Type.Object({ email: Type.String({ maxLength: 254 }), password: Password }, strict)
export const RefreshBody = Type.Object({ refresh_token: RefreshToken }, strict)
export const LogoutBody = Type.Union([
  Type.Object({ refresh_token: Type.Optional(RefreshToken) }, strict),
  Type.Null(),
])

export const ResetPasswordBody = Type.Object(
  {
    token: Type.String({ maxLength: 200 }),
    password: Text(8, 128),
  },
  strict,
)

const Tokens = {
  access_token: Type.String(),
  refresh_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
}

export const Me = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  email: Type.String(),
  role: Type.String(),
  is_verified: Type.Boolean(),
  created_at: Timestamp,
  last_login_at: NullableTimestamp,
})

export const TokenPair = Type.Object(Tokens)
export const Registered = Type.Object({ user: Me, ...Tokens })
export const LoggedIn = Type.Object({
  success: Type.Literal(true),
  user: Type.Object({ id: Type.Integer(), name: Type.String(), email: Type.String(), role: Type.String() }),
  ...Tokens,
})
export const LoggedOut = Type.Object({ success: Type.Boolean(), message: Type.String() })
