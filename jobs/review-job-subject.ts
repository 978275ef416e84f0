import type { GithubRepository, PullRequestView } from '../ports/github.ts'
import { installationId } from '../ports/ids.ts'
import type { JobRow } from '../ports/store.ts'
import { JobsError } from './error.ts'
import type { ReviewJobParts } from './review-job-parts.ts'

/** The pull request a job is about. */
export interface Subject {
  readonly repository: GithubRepository
  readonly number: number
}

/** Throws when the row names none: such a job can never succeed. */
export function subjectOf(job: JobRow, github: ReviewJobParts['github']): Subject {
  if (job.repository === null || job.installationId === null || job.pullRequest === null) {
    throw new JobsError({
      code: 'bad-request',
      message: `The ${job.kind} job ${job.id} names no pull request.`,
      remedy: 'Make the job with repository, installation and pull request.',
      owner: 'operator',
    })
  }
  const ref = { installationId: installationId.parse(job.installationId), name: job.repository }
  return { repository: github.repository(ref), number: job.pullRequest }
}

/** Why a pull request cannot be reviewed any more; null when it can. */
export function obstacleOf(view: PullRequestView, boundTo: string | null): string | null {
  if (view.merged) return 'The pull request was merged meanwhile.'
  if (view.state === 'closed') return 'The pull request was closed meanwhile.'
  if (boundTo !== null && view.headSha !== boundTo) {
    return `The command was about commit ${boundTo.slice(0, 10)} and the head is ${view.headSha.slice(0, 10)} now: repeat the command if the new head may be read.`
  }
  return null
}
