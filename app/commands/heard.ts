import type { ResolvedConfig } from '../../config/resolved-config.ts'
import type { GithubRepository, PullRequestView } from '../../ports/github.ts'
import type { EventRepository, SpokenComment } from '../webhooks/intent.ts'

/** A comment with commands, and what is needed to answer it. */
export interface Heard {
  readonly repository: EventRepository
  readonly number: number
  readonly comment: SpokenComment
}

/** The same once the pull request and its policy were read. */
export interface Context extends Heard {
  readonly github: GithubRepository
  readonly pullRequest: PullRequestView
  readonly config: ResolvedConfig
}

/**
 * `accepted`: a job works on it and answers later. `done`: it was carried out; `reply` is what to say, if anything.
 * `refused`: it was not, and `reply` says why.
 */
export type CommandEnd =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'done'; readonly reply: string | null }
  | { readonly kind: 'refused'; readonly reply: string }
