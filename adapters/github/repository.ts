import type { GithubRepository, RepositoryRef } from '../../ports/github.ts'
import type { Log } from '../../ports/log.ts'
import { accessOf } from './access.ts'
import { checksOf } from './checks.ts'
import type { GithubClient } from './client.ts'
import { commentsOf } from './comments.ts'
import { contentsOf } from './contents.ts'
import { issuesOf } from './issues.ts'
import { pullRequestsOf } from './pull-requests.ts'
import { reviewsOf } from './reviews.ts'

/** One repository over the calls of one client. */
export function repositoryOf(client: GithubClient, ref: RepositoryRef, log: Log): GithubRepository {
  const [owner = '', repo = ''] = ref.name.split('/')
  const names = { owner, repo }
  return {
    ref,
    pullRequests: pullRequestsOf(client, names),
    reviews: reviewsOf(client, names),
    comments: commentsOf(client, names),
    checks: checksOf(client, names),
    contents: contentsOf(client, names),
    access: accessOf(client, names, log),
    issues: issuesOf(client, names),
  }
}
