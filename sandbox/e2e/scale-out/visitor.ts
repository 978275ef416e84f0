import { runCli } from '../__support__/run-cli.ts'
import type { Cluster } from './cluster.ts'
import type { Replica } from './replica.ts'

export interface MadeKey {
  readonly id: string
  readonly key: string
}

/** `devloop keys ...` on the database of the replicas, as an operator does beside them. */
async function keys(cluster: Cluster, args: readonly string[]): Promise<string> {
  const env = { DATABASE_URL: cluster.databaseUrl, DEVLOOP_DATA: cluster.world.folder }
  const { code, stdout, stderr } = await runCli(['keys', ...args], { cwd: cluster.world.folder, env }).ended
  if (code !== 0) throw new Error(`devloop keys ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

export async function createKey(cluster: Cluster, name: string): Promise<MadeKey> {
  return JSON.parse(await keys(cluster, ['create', name, '--scope', 'infer,control,read', '--json']))
}

export async function revokeKey(cluster: Cluster, id: string): Promise<void> {
  await keys(cluster, ['revoke', id])
}

/** A call with a key, at one replica or at the balancer. */
export function ask(at: Replica | { readonly url: string }, key: string, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers }
  return fetch(`${at.url}${path}`, {
    ...init,
    headers,
    redirect: 'manual',
    signal: init.signal ?? AbortSignal.timeout(20_000),
  })
}

/** Logs in to the dashboard at one replica; the cookie that it gives. */
export async function logIn(at: Replica, key: string): Promise<string> {
  const page = await fetch(`${at.url}/login`)
  const csrf = /name="csrf" value="([^"]+)"/u.exec(await page.text())?.[1] ?? ''
  const answer = await fetch(`${at.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(page) },
    body: new URLSearchParams({ csrf, key, next: '/dashboard' }),
  })
  if (answer.status !== 303) throw new Error(`The log-in at replica ${at.index} was answered with ${answer.status}.`)
  return cookiesOf(answer)
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}
