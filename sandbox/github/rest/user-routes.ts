import { notFound } from '../api-error.ts'
import { renderAccount, renderOrganization, renderProfile } from '../render/render-account.ts'
import type { Account } from '../state/account.ts'
import { noContent, ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

function organization(call: Call): Account {
  const account = call.world.accounts.get(call.param('org').toLowerCase())
  if (account?.type !== 'Organization') throw notFound()
  return account
}

function getUser(call: Call): Reply {
  const { world, viewer } = call
  if (viewer === undefined) throw notFound()
  return ok({
    ...renderProfile(world, viewer),
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  })
}

function getMembership(call: Call): Reply {
  const org = organization(call)
  const login = call.param('username')
  const role = org.members.get(login)
  const account = call.world.accounts.get(login.toLowerCase())
  if (role === undefined || account === undefined) throw notFound()
  const rendered = renderOrganization(call.world, org)
  return ok({
    url: `${String(rendered.url)}/memberships/${login}`,
    state: 'active',
    role,
    organization_url: rendered.url,
    organization: rendered,
    user: renderAccount(call.world, account),
  })
}

function teamMembers(call: Call): Set<string> {
  const team = organization(call).teams.get(call.param('team_slug'))
  if (team === undefined) throw notFound()
  return team
}

export const userRoutes: readonly Route[] = [
  { name: 'GET /user', access: { for: 'person' }, handle: getUser },
  {
    name: 'GET /user/orgs',
    access: { for: 'person' },
    handle: (call) => {
      const login = call.viewer?.login ?? ''
      const organizations = [...call.world.accounts.values()].filter(({ members }) => members.has(login))
      return page(call, organizations, (account) => renderOrganization(call.world, account))
    },
  },
  {
    name: 'GET /users/{username}',
    access: { for: 'anyone' },
    handle: (call) => {
      const account = call.world.accounts.get(call.param('username').toLowerCase())
      if (account === undefined) throw notFound()
      return ok(renderProfile(call.world, account))
    },
  },
  {
    name: 'GET /orgs/{org}',
    access: { for: 'anyone' },
    handle: (call) => {
      const account = organization(call)
      const rest = {
        name: account.name ?? account.login,
        has_organization_projects: false,
        has_repository_projects: false,
      }
      const counts = { public_repos: 0, public_gists: 0, followers: 0, following: 0 }
      const times = { created_at: account.createdAt, updated_at: account.createdAt, archived_at: null }
      const html_url = `${call.world.webUrl}/${account.login}`
      return ok({
        ...renderOrganization(call.world, account),
        ...rest,
        ...counts,
        ...times,
        html_url,
        type: 'Organization',
      })
    },
  },
  {
    name: 'GET /orgs/{org}/members/{username}',
    access: { for: 'someone' },
    handle: (call) => {
      if (!organization(call).members.has(call.param('username'))) throw notFound()
      return noContent
    },
  },
  { name: 'GET /orgs/{org}/memberships/{username}', access: { for: 'someone' }, handle: getMembership },
  {
    name: 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}',
    access: { for: 'someone' },
    handle: (call) => {
      if (!teamMembers(call).has(call.param('username'))) throw notFound()
      return ok({ url: `${call.world.apiUrl}${call.url.pathname}`, role: 'member', state: 'active' })
    },
  },
  {
    name: 'GET /orgs/{org}/teams/{team_slug}/members',
    access: { for: 'someone' },
    handle: (call) =>
      page(call, [...teamMembers(call)], (login) => renderAccount(call.world, call.world.account(login))),
  },
]
