import { isCodedError } from '../../ports/errors.ts'
import type { GithubApp, RepositoryRef } from '../../ports/github.ts'
import type { KeyScope } from '../../ports/store.ts'

const PERMISSIONS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
type Permission = (typeof PERMISSIONS)[number]
/** Repositories asked about one person; beyond that only `access.dashboard` counts. */
const MOST_ASKED = 50

/**
 * Whoever may start reviews on a repository of an installation may also stop them; whoever `access.dashboard` names may look. GitHub says
 * `read` of everybody on a public repository, so `read` alone opens nothing.
 */
export async function dashboardScopes(
  github: Pick<GithubApp, 'listRepositories' | 'repository'>,
  access: { readonly trigger: Exclude<Permission, 'none'>; readonly dashboard: readonly string[] },
  login: string,
  organizations: readonly string[],
): Promise<readonly KeyScope[]> {
  const repositories = await github.listRepositories()
  const needed = Math.max(rank(access.trigger), rank('triage'))
  for (const ref of repositories.slice(0, MOST_ASKED)) {
    if (rank(await github.repository(ref).access.permission(login)) >= needed) return ['read', 'control']
  }
  for (const onlooker of access.dashboard) {
    if (await isMeant(onlooker, { login, organizations }, repositories, github)) return ['read']
  }
  return []
}

/** Members and teams count only in organizations that DevLoop is installed in: of others it cannot know. */
async function isMeant(
  onlooker: string,
  person: { readonly login: string; readonly organizations: readonly string[] },
  repositories: readonly RepositoryRef[],
  github: Pick<GithubApp, 'repository'>,
): Promise<boolean> {
  const installedIn = (organization: string) => repositories.find((ref) => isSame(ownerOf(ref), organization))
  if (onlooker === 'members') return person.organizations.some((name) => installedIn(name) !== undefined)
  const [name = '', team] = onlooker.slice(1).split('/')
  if (team === undefined) return isSame(name, person.login)
  const ref = installedIn(name)
  if (ref === undefined) return false
  try {
    return await github.repository(ref).access.isTeamMember(onlooker, person.login)
  } catch (error) {
    // Without the permission to read members GitHub refuses: then nobody is known to be one.
    if (isCodedError(error)) return false
    throw error
  }
}

function ownerOf(ref: RepositoryRef): string {
  return ref.name.split('/')[0] ?? ''
}

/** GitHub's names are the same in any case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function rank(permission: Permission): number {
  return PERMISSIONS.indexOf(permission)
}
