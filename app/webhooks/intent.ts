import type { CommitSha, InstallationId, RepositoryName } from '../../ports/ids.ts'
import type { Account, CommentKind } from '../../ports/github.ts'

/** A repository as an event names it. */
export interface EventRepository {
  readonly installationId: InstallationId
  readonly name: RepositoryName
}

/** Which rules read what it changes is known to governance. */
export interface WebhookEvent {
  readonly name: string
  readonly action?: string | undefined
}

/** A comment that may hold commands, as it was when the event was made. */
export interface SpokenComment {
  readonly kind: CommentKind
  readonly id: number
  readonly author: Account
  readonly body: string
  readonly createdAt: string
  readonly htmlUrl: string
  /** Set for a comment on a diff line. */
  readonly place: { readonly path: string; readonly line: number | null; readonly hunk: string } | null
}

/** What a delivery asks for. Plain values; carrying them out is `dispatch`'s business. */
export type Intent =
  /** Judge one pull request again, if an enabled rule reads what changed. */
  | {
      readonly kind: 'evaluate'
      readonly repository: EventRepository
      readonly number: number
      readonly event: WebhookEvent
    }
  /** Judge every open pull request with this head: GitHub names none for the head of a fork. */
  | {
      readonly kind: 'evaluate-head'
      readonly repository: EventRepository
      readonly headSha: CommitSha
      readonly event: WebhookEvent
    }
  /** The base moved: judge the open pull requests that aim at it. */
  | {
      readonly kind: 'evaluate-base'
      readonly repository: EventRepository
      readonly branch: string
      readonly event: WebhookEvent
    }
  | {
      readonly kind: 'evaluate-group'
      readonly repository: EventRepository
      readonly headSha: CommitSha
      readonly headRef: string
      readonly baseSha: CommitSha
      readonly baseRef: string
    }
  | {
      readonly kind: 'command'
      readonly repository: EventRepository
      readonly number: number
      readonly comment: SpokenComment
    }
  /** A button or "Re-run" on one of our check runs. */
  | {
      readonly kind: 'check-action'
      readonly repository: EventRepository
      readonly headSha: CommitSha
      readonly numbers: readonly number[]
      readonly checkName: string
      /** `rerun` for GitHub's own button, else the identifier of ours. */
      readonly action: string
      readonly sender: Account
    }
  | {
      readonly kind: 'auto-review'
      readonly repository: EventRepository
      readonly number: number
      readonly headSha: CommitSha
      readonly sender: Account
      readonly because: 'opened' | 'ready_for_review' | 'synchronize'
    }
  /** Somebody may soon want a model: a plain value for the idle policy. */
  | {
      readonly kind: 'hint'
      readonly repository: EventRepository
      readonly number: number
      readonly because: 'opened' | 'synchronize' | 'checks-finished'
    }
  /** Something only the event tells and that rules read later. */
  | { readonly kind: 'remember'; readonly repository: EventRepository; readonly fact: EventFact }
  | { readonly kind: 'forget-repository'; readonly repository: RepositoryName }

export type EventFact =
  | {
      readonly kind: 'pusher'
      readonly number: number
      readonly login: string
      readonly type: Account['type']
      readonly headSha: CommitSha
      /** ISO time of the event. */
      readonly at: string
    }
  /** Where a pull request stands: its head, and the branch it aims at. */
  | {
      readonly kind: 'place'
      readonly number: number
      readonly headSha: CommitSha
      readonly baseRef: string
      readonly isOpen: boolean
      /** ISO time of the event. */
      readonly at: string
    }
  | {
      readonly kind: 'push'
      readonly branch: string
      readonly sha: CommitSha
      readonly pushedBy: string | null
      readonly pushedAt: string
      readonly message: string
    }
  | { readonly kind: 'merge'; readonly sha: string }
  | { readonly kind: 'branches' }
  | { readonly kind: 'status' }
