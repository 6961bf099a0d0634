/** What PostgreSQL's programs see: nothing of the user's PGDATA, PGPORT, LANG and so on may change what they do. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}
