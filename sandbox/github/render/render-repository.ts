import type { JsonObject } from '../contracts/json.ts'
import type { Account } from '../state/account.ts'
import { findRole } from '../state/permissions.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'
import { renderAccount } from './render-account.ts'

const plainLinks = ['contributors', 'deployments', 'downloads', 'events', 'forks', 'languages', 'merges', 'stargazers']
const plainLinksToo = ['subscribers', 'subscription', 'tags', 'teams', 'hooks']
const templatedLinks: Readonly<Record<string, string>> = {
  archive_url: '{archive_format}{/ref}',
  assignees_url: 'assignees{/user}',
  blobs_url: 'git/blobs{/sha}',
  branches_url: 'branches{/branch}',
  collaborators_url: 'collaborators{/collaborator}',
  comments_url: 'comments{/number}',
  commits_url: 'commits{/sha}',
  compare_url: 'compare/{base}...{head}',
  contents_url: 'contents/{+path}',
  git_commits_url: 'git/commits{/sha}',
  git_refs_url: 'git/refs{/sha}',
  git_tags_url: 'git/tags{/sha}',
  issue_comment_url: 'issues/comments{/number}',
  issue_events_url: 'issues/events{/number}',
  issues_url: 'issues{/number}',
  keys_url: 'keys{/key_id}',
  labels_url: 'labels{/name}',
  milestones_url: 'milestones{/number}',
  notifications_url: 'notifications{?since,all,participating}',
  pulls_url: 'pulls{/number}',
  releases_url: 'releases{/id}',
  statuses_url: 'statuses/{sha}',
  trees_url: 'git/trees{/sha}',
}

export function repositoryUrl(world: World, repository: Repository): string {
  return `${world.apiUrl}/repos/${fullName(repository)}`
}

export function repositoryWebUrl(world: World, repository: Repository): string {
  return `${world.webUrl}/${fullName(repository)}`
}

/** A repository in full; the shorter forms of GitHub are parts of it. */
export function renderRepository(world: World, repository: Repository, viewer?: Account): JsonObject {
  const url = repositoryUrl(world, repository)
  const html = repositoryWebUrl(world, repository)
  const links = [...plainLinks, ...plainLinksToo].map((name) => [`${name}_url`, `${url}/${name}`])
  const templates = Object.entries(templatedLinks).map(([name, path]) => [name, `${url}/${path}`])
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open').length
  const forks = [...world.repositories.values()].filter((other) => other.parentId === repository.id).length
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    owner: renderAccount(world, world.account(repository.ownerLogin)),
    html_url: html,
    description: repository.description,
    fork: repository.parentId !== null,
    url,
    ...Object.fromEntries(links),
    ...Object.fromEntries(templates),
    git_url: `${html.replace(/^http/, 'git')}.git`,
    ssh_url: `git@localhost:${fullName(repository)}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    forks_count: forks,
    stargazers_count: 0,
    watchers_count: 0,
    size: 1,
    default_branch: repository.defaultBranch,
    open_issues_count: open,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.private ? 'private' : 'public',
    pushed_at: repository.pushedAt,
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    allow_forking: true,
    web_commit_signoff_required: false,
    license: null,
    forks,
    open_issues: open,
    watchers: 0,
    ...(viewer === undefined ? {} : { permissions: renderRights(world, repository, viewer.login) }),
  }
}

/** With the fields only `GET /repos/{owner}/{repo}` has. */
export function renderFullRepository(world: World, repository: Repository, viewer?: Account): JsonObject {
  const parent = repository.parentId === null ? undefined : world.repositories.get(repository.parentId)
  const rendered = parent === undefined ? undefined : renderRepository(world, parent)
  return {
    ...renderRepository(world, repository, viewer),
    network_count: 0,
    subscribers_count: 1,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    ...(rendered === undefined ? {} : { parent: rendered, source: rendered }),
  }
}

export function renderRights(world: World, repository: Repository, login: string): JsonObject {
  const role = findRole(world, repository, login)
  return {
    admin: role === 'admin',
    maintain: role === 'admin' || role === 'maintain',
    push: role === 'admin' || role === 'maintain' || role === 'write',
    triage: role !== undefined && role !== 'read',
    pull: role !== undefined,
  }
}
