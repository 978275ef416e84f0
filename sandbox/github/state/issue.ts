export interface Label {
  readonly id: number
  readonly name: string
  readonly color: string
  readonly description: string | null
  readonly isDefault: boolean
}

/** An issue, or the conversation half of a pull request: they share numbers, comments, labels and reactions. */
export interface Issue {
  readonly id: number
  readonly number: number
  readonly authorLogin: string
  readonly viaAppId: number | null
  readonly createdAt: string
  readonly timeline: TimelineEvent[]
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: 'completed' | 'not_planned' | 'reopened' | null
  labels: string[]
  assignees: string[]
  updatedAt: string
  closedAt: string | null
  closedBy: string | null
}

/** What happened besides comments and reviews, for the timeline of the page. */
export interface TimelineEvent {
  /** Rises with time, as the ids of comments do, where the clock's seconds are too coarse. */
  readonly id: number
  readonly at: string
  readonly login: string
  readonly text: string
}
