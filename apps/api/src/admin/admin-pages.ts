/** Text in HTML. */
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · ServiceDesk</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #eef2f7; color: #17202e; }
  main { width: min(22rem, 90vw); padding: 2rem; border-radius: .75rem; background: #fff; box-shadow: 0 8px 30px #17202e22; }
  h1 { margin: 0 0 1rem; font-size: 1.3rem; }
  label { display: block; margin: .75rem 0 .25rem; font-size: .9rem; }
  input { width: 100%; box-sizing: border-box; padding: .55rem .7rem; font: inherit; border: 1px solid #94a3b8; border-radius: .4rem; }
  button { margin-top: 1.25rem; width: 100%; padding: .6rem; font: inherit; font-weight: 600; color: #fff; background: #1d4ed8; border: 0; border-radius: .4rem; cursor: pointer; }
  .problem { padding: .5rem .75rem; border-radius: .4rem; background: #fee2e2; color: #991b1b; }
  ul { padding-left: 1.2rem; } a { color: #1d4ed8; }
  @media (prefers-color-scheme: dark) {
    body { background: #0f172a; color: #e2e8f0; } main { background: #1e293b; } a { color: #93c5fd; }
  }
</style>
</head>
<body><main>
<h1>${escapeHtml(title)}</h1>
${body}
</main></body>
</html>`
}

/** The sign-in form; `next` is where a successful one leads. */
export function signInPage(next: string, problem?: string): string {
  return page(
    'Admin sign-in',
    `${problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`}
<form method="post" action="/admin/sign-in">
  <input type="hidden" name="next" value="${escapeHtml(next)}">
  <label for="email">E-mail address</label>
  <input id="email" name="email" type="email" autocomplete="username" required autofocus>
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required>
  <button>Sign in</button>
</form>`,
  )
}

/** What an admin finds here. */
export function adminPage(name: string): string {
  return page(
    'ServiceDesk operations',
    `<p>Signed in as ${escapeHtml(name)}.</p>
<ul>
  <li><a href="/admin/queues">Queue dashboard</a></li>
  <li><a href="/docs">API documentation</a></li>
</ul>
<form method="post" action="/admin/sign-out"><button>Sign out</button></form>`,
  )
}
