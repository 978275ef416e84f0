import type { Costing } from '../../github/rest/secondary-limits.ts'

/** Whom GitHub counts a call for: the App signs for itself, an installation has a token. */
export function ownerOf(headers: unknown): string {
  const authorization = new Headers(headers as Record<string, string>).get('authorization') ?? ''
  return authorization.startsWith('Bearer') ? 'app' : 'installation'
}

/** What GitHub's limits need to know of a call: the route as GitHub names it. */
export function costingOf(method: string, path: string): Costing {
  const route = path
    .replace(/^\/repos\/[^/]+\/[^/]+/, '/repos/{owner}/{repo}')
    .replace(/\/issues\/\d+/, '/issues/{issue_number}')
    .replace(/\/pulls\/\d+/, '/pulls/{pull_number}')
  return { method, operation: `${method} ${route}` }
}
