/** What the Action may touch of the process it runs in. */
export interface ActionWorld {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: (text: string) => void
  /** Aborts on SIGINT and SIGTERM: the runner cancels. */
  readonly signal: AbortSignal
  /** The process that started this step: the runner's worker, alive as long as the job. */
  readonly parentPid: number
}

/** 0 fine, 1 the answer is "no", 2 the question was wrong, 3 the world failed; or the exit code of `run`. */
export interface CommandEnd {
  readonly exitCode: number
}
