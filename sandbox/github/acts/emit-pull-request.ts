import type { JsonObject } from '../contracts/json.ts'
import { renderFullPullRequest } from '../render/render-pull-request.ts'
import type { Actor } from '../state/account.ts'
import type { Issue } from '../state/issue.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { issueOf } from './find.ts'
import { readFacts } from './pull-request-facts.ts'

/** Sends `pull_request.<action>` with the pull request as it stands now. */
export async function emitPullRequest(
  world: World,
  repository: Repository,
  event: { pullRequest: PullRequest; action: string; actor: Actor; extra?: JsonObject },
): Promise<void> {
  const { pullRequest, action, actor, extra = {} } = event
  const rendered = await renderNow(world, repository, pullRequest)
  const payload = { number: pullRequest.number, pull_request: rendered, ...extra }
  emit(world, { name: 'pull_request', action, actor, repository, payload })
}

export async function renderNow(world: World, repository: Repository, pullRequest: PullRequest): Promise<JsonObject> {
  const issue = issueOf(repository, pullRequest.number)
  const facts = await readFacts(world, repository, pullRequest)
  return renderFullPullRequest(world, repository, { pullRequest, issue, facts })
}

/** Notes on the timeline what an event line of the page shows. */
export function note(world: World, issue: Issue, actor: Actor, text: string): void {
  issue.timeline.push({ id: world.nextId(), at: world.now(), login: actor.account.login, text })
  issue.updatedAt = world.now()
}
