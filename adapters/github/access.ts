import { z } from 'zod'
import type { Access } from '../../ports/github.ts'
import type { Log } from '../../ports/log.ts'
import type { GithubClient } from './client.ts'

export function accessOf(
  client: GithubClient,
  names: { readonly owner: string; readonly repo: string },
  log: Log,
): Access {
  return {
    async permission(login) {
      try {
        const reply = await client.find(
          'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
          { ...names, username: login },
          permissionReply,
        )
        return reply === null ? 'none' : levelOf(reply)
      } catch (error) {
        log.warn(
          { repository: `${names.owner}/${names.repo}`, login, error: String(error) },
          'permission is unknown: none',
        )
        return 'none'
      }
    },
    async isTeamMember(team, login) {
      const [org = '', slug = ''] = team.replace(/^@/, '').split('/')
      const membership = await client.find(
        'GET /orgs/{org}/teams/{team_slug}/memberships/{username}',
        { org, team_slug: slug, username: login },
        z.object({ state: z.string() }),
      )
      return membership?.state === 'active'
    },
    async defaultBranch() {
      const reply = await client.get('GET /repos/{owner}/{repo}', names, z.object({ default_branch: z.string() }))
      return reply.default_branch
    },
  }
}

const levels = z.enum(['admin', 'maintain', 'write', 'triage', 'read', 'none'])
const permissionReply = z.object({ permission: z.string(), role_name: z.string().nullish() })

/** `permission` knows no maintain and triage; `role_name` does, but may be a role of the organisation's own. */
function levelOf(reply: z.infer<typeof permissionReply>): z.infer<typeof levels> {
  const role = levels.safeParse(reply.role_name)
  if (role.success) return role.data
  return levels.catch('none').parse(reply.permission)
}
