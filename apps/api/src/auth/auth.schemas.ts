import { Type } from 'typebox'
import { Nullable, NullableTimestamp, strict, Text, Timestamp } from '../shared/schemas.ts'

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

const MailedToken = Type.String({ maxLength: 200 })
const NewPassword = Text(8, 128)

export const ResetPasswordBody = Type.Object({ token: MailedToken, password: NewPassword }, strict)
export const VerifyEmailBody = Type.Object({ token: MailedToken }, strict)
export const ForgotPasswordBody = Type.Object({ email: Email }, strict)
export const ChangePasswordBody = Type.Object(
  { current_password: Password, new_password: NewPassword },
  strict,
)

export const Sessions = Type.Object({
  sessions: Type.Array(
    Type.Object({
      id: Type.String(),
      created_at: Timestamp,
      last_used_at: Timestamp,
      expires_at: Timestamp,
      ip: Nullable(Type.String()),
      user_agent: Nullable(Type.String()),
      is_current: Type.Boolean({ description: 'The one that asks' }),
    }),
  ),
})

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
export const Done = Type.Object({ success: Type.Boolean(), message: Type.String() })
