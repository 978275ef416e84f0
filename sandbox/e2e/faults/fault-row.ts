export type FaultArea = 'GitHub' | 'RunPod' | 'Ollama' | 'PostgreSQL' | 'Disk' | 'Clock' | 'Memory'

/** One fault, what people saw of it, and what it cost. Every field but the first three comes out of a run. */
export interface FaultRow {
  readonly id: string
  readonly area: FaultArea
  readonly fault: string
  /** On the pull request: titles of the check run in their order, and how the summary ended. */
  readonly pullRequest: string
  readonly dashboard: string
  /** Of the server, from `warn` up. */
  readonly log: string
  /** `devloop doctor` while it was broken; empty where it was not asked. */
  readonly cli: string
  /** What went in and did not come out, or came out twice: must be empty. */
  readonly lost: readonly string[]
  readonly podsAtEnd: number
  /** From the end of the fault to the end of the work. */
  readonly recoverySeconds: number
}
