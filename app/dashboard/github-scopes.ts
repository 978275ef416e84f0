import type { GithubApp } from '../../ports/github.ts'
import type { KeyScope } from '../../ports/store.ts'

const PERMISSIONS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
type Permission = (typeof PERMISSIONS)[number]
/** Repositories asked about one person; beyond that only membership counts. */
const MOST_ASKED = 50

/**
 * Whoever may start reviews on a repository of an installation may also stop them; members of its organization may look. GitHub says
 * `read` of everybody on a public repository, so `read` alone opens nothing.
 */
export async function dashboardScopes(
  github: Pick<GithubApp, 'listRepositories' | 'repository'>,
  trigger: Exclude<Permission, 'none'>,
  login: string,
  organizations: readonly string[],
): Promise<readonly KeyScope[]> {
  const repositories = await github.listRepositories()
  const needed = Math.max(rank(trigger), rank('triage'))
  for (const ref of repositories.slice(0, MOST_ASKED)) {
    if (rank(await github.repository(ref).access.permission(login)) >= needed) return ['read', 'control']
  }
  const owners = new Set(repositories.map((ref) => ref.name.split('/')[0]?.toLowerCase()))
  return organizations.some((name) => owners.has(name.toLowerCase())) ? ['read'] : []
}

function rank(permission: Permission): number {
  return PERMISSIONS.indexOf(permission)
}
