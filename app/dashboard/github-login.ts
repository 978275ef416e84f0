import { z } from 'zod'
import type { KeyScope } from '../../ports/store.ts'
import type { DashboardGithub } from './parts.ts'

const TIMEOUT_MS = 10_000
const token = z.object({ access_token: z.string().min(1) })
const person = z.object({ login: z.string().min(1) })
const organizations = z.array(z.object({ login: z.string() }))

export interface GithubPerson {
  readonly login: string
  readonly scopes: readonly KeyScope[]
}

/** Exchanges the code of GitHub's log-in for a name, and asks what that person may do here. Undefined when GitHub takes no such code. */
export async function readGithubPerson(
  github: DashboardGithub,
  webUrl: string,
  code: string,
): Promise<GithubPerson | undefined> {
  const exchange = await github.fetch(`${webUrl}/login/oauth/access_token`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    redirect: 'error',
    body: JSON.stringify({ client_id: github.clientId, client_secret: github.clientSecret.reveal(), code }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const granted = token.safeParse(await exchange.json().catch(() => null))
  if (!granted.success) return undefined
  const read = async (path: string): Promise<unknown> => {
    const response = await github.fetch(`${github.apiUrl}${path}`, {
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${granted.data.access_token}`,
        'user-agent': 'devloop',
      },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return response.ok ? response.json() : null
  }
  const who = person.safeParse(await read('/user'))
  if (!who.success) return undefined
  // A token without the permission to read organizations still has collaborators let in by their repositories.
  const member = organizations.catch([]).parse(await read('/user/orgs?per_page=100'))
  const { login } = who.data
  return {
    login,
    scopes: await github.scopesOf(
      login,
      member.map((organization) => organization.login),
    ),
  }
}
