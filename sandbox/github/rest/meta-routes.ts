import { callerKey } from '../auth/caller.ts'
import { rateWindow } from './rate-limit.ts'
import { ok } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

function getRateLimit(call: Call): Reply {
  const core = rateWindow(call.world, callerKey(call.caller))
  const rendered = {
    limit: core.limit,
    used: core.used,
    remaining: Math.max(0, core.limit - core.used),
    reset: Math.floor(core.resetAtMs / 1000),
  }
  const untouched = { ...rendered, used: 0, remaining: rendered.limit }
  return ok({ resources: { core: rendered, search: untouched, graphql: untouched }, rate: rendered })
}

const rootNames = [
  'current_user',
  'current_user_authorizations_html',
  'authorizations',
  'code_search',
  'commit_search',
  'emails',
  'emojis',
  'events',
  'feeds',
  'followers',
  'following',
  'gists',
  'issue_search',
  'issues',
  'keys',
  'label_search',
  'notifications',
  'organization',
  'organization_repositories',
  'organization_teams',
  'public_gists',
  'rate_limit',
  'repository',
  'repository_search',
  'current_user_repositories',
  'starred',
  'starred_gists',
  'user',
  'user_organizations',
  'user_repositories',
  'user_search',
]

export const metaRoutes: readonly Route[] = [
  {
    name: 'GET /',
    access: { for: 'anyone' },
    handle: (call) => ok(Object.fromEntries(rootNames.map((name) => [`${name}_url`, `${call.world.apiUrl}/${name}`]))),
  },
  {
    name: 'GET /meta',
    access: { for: 'anyone' },
    handle: () =>
      ok({
        verifiable_password_authentication: false,
        hooks: ['127.0.0.0/8'],
        api: ['127.0.0.0/8'],
        web: ['127.0.0.0/8'],
      }),
  },
  { name: 'GET /rate_limit', access: { for: 'anyone' }, handle: getRateLimit },
]
