import type { JsonObject } from '../contracts/json.ts'
import type { Account } from '../state/account.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'

/** An account as it stands inside other answers. */
export function renderAccount(world: World, account: Account): JsonObject {
  const login = encodeURIComponent(account.login)
  const url = `${world.apiUrl}/users/${login}`
  const isBot = account.type === 'Bot'
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(isBot ? 'BOT' : account.type === 'User' ? 'U' : 'O', account.id),
    avatar_url: `${world.webUrl}/avatars/${login}.svg`,
    gravatar_id: '',
    url,
    html_url: isBot ? `${world.webUrl}/apps/${account.login.replace(/\[bot\]$/, '')}` : `${world.webUrl}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  }
}

export function renderLogin(world: World, login: string | null): JsonObject | null {
  return login === null ? null : renderAccount(world, world.account(login))
}

/** An account as `GET /users/{username}` and `GET /user` show it. */
export function renderProfile(world: World, account: Account): JsonObject {
  return {
    ...renderAccount(world, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: [...world.repositories.values()].filter((repository) => repository.ownerLogin === account.login)
      .length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  }
}

export function renderOrganization(world: World, account: Account): JsonObject {
  const url = `${world.apiUrl}/orgs/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('O', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.webUrl}/avatars/${account.login}.svg`,
    description: '',
  }
}
