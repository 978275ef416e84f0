import { launchersOf } from './commits.ts'
import { notVisibleHere, type Part, type Snapshot, seen } from '../../governance/snapshot.ts'
import type { Account, PullRequestView } from '../../ports/github.ts'

/** What the event file of a workflow run says of its pull request. */
export interface PullRequestEvent
  extends Pick<
    PullRequestView,
    'number' | 'title' | 'body' | 'draft' | 'labels' | 'headRef' | 'headRepository' | 'baseRef'
  > {
  readonly author: Account
  readonly assignees: readonly string[]
  /** `owner/name` of the repository the pull request is open in. */
  readonly repository: string
}

/** The snapshot of a checkout with what the event knows on top: the Action without a token. What it cannot see, rules skip. */
export function withEvent(local: Snapshot, event: PullRequestEvent): Snapshot {
  const unseen = <T>(what: string): Part<T> => notVisibleHere(`the Action sees no ${what} without a token`)
  const assigned = event.author.type === 'Bot' ? event.assignees.filter((login) => login !== event.author.login) : []
  const launchers = [...new Set([...assigned, ...launchersOf([event.body])])]
  return {
    ...local,
    world: 'action',
    repository: event.repository,
    change: {
      ...local.change,
      kind: 'pull-request',
      number: event.number,
      title: event.title,
      body: seen(event.body),
      author: seen({ ...event.author, email: null }),
      labels: seen(event.labels),
      headRef: seen(event.headRef),
      baseRef: event.baseRef,
      draft: event.draft,
      fromFork: event.headRepository !== event.repository,
    },
    launchers: seen(launchers.map((launcher) => ({ agent: event.author.login, launcher }))),
    reviews: unseen('reviews'),
    checks: unseen('checks'),
    open: unseen('other pull requests'),
    teams: unseen('teams'),
    pushers: unseen('pushers'),
  }
}
