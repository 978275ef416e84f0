import { notFound, validationFailed } from '../api-error.ts'
import { renderLabel } from '../render/render-issue.ts'
import type { Actor } from '../state/account.ts'
import type { Issue, Label } from '../state/issue.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { emitPullRequest, note } from './emit-pull-request.ts'
import { emitIssue } from './issues.ts'

export function createLabel(
  world: World,
  repository: Repository,
  request: { name: string; color?: string | undefined; description?: string | null | undefined },
): Label {
  const { name, color = 'ededed', description = null } = request
  if (repository.labels.has(name)) throw validationFailed({ resource: 'Label', code: 'already_exists', field: 'name' })
  const label = { id: world.nextId(), name, color, description, isDefault: false }
  repository.labels.set(name, label)
  return label
}

/** Puts labels on an issue or pull request; unknown ones are created, as GitHub does. */
export async function addLabels(
  world: World,
  repository: Repository,
  issue: Issue,
  change: { names: readonly string[]; actor: Actor },
): Promise<void> {
  for (const name of change.names) {
    if (issue.labels.includes(name)) continue
    if (!repository.labels.has(name)) createLabel(world, repository, { name })
    issue.labels.push(name)
    await announce(world, repository, { issue, name, action: 'labeled', actor: change.actor })
  }
}

export async function removeLabel(
  world: World,
  repository: Repository,
  issue: Issue,
  change: { name: string; actor: Actor },
): Promise<void> {
  if (!issue.labels.includes(change.name)) throw notFound()
  issue.labels = issue.labels.filter((name) => name !== change.name)
  await announce(world, repository, { issue, name: change.name, action: 'unlabeled', actor: change.actor })
}

async function announce(
  world: World,
  repository: Repository,
  event: { issue: Issue; name: string; action: 'labeled' | 'unlabeled'; actor: Actor },
): Promise<void> {
  const { issue, name, action, actor } = event
  note(world, issue, actor, `${action === 'labeled' ? 'added' : 'removed'} the label ${name}`)
  const label = repository.labels.get(name)
  const extra = label === undefined ? {} : { label: renderLabel(world, repository, label) }
  const pullRequest = repository.pullRequests.get(issue.number)
  if (pullRequest === undefined) emitIssue(world, repository, { issue, action, actor, extra })
  else await emitPullRequest(world, repository, { pullRequest, action, actor, extra })
}
