/** What a command may touch of the process it runs in; tests pass their own. */
export interface CliWorld {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly readStdin: () => Promise<string>
  /** True when people look: colours and progress are for them. */
  readonly isTty: boolean
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}

/** 0 fine, 1 the answer is "no", 2 the question was wrong, 3 the world failed. */
export type ExitCode = 0 | 1 | 2 | 3

export interface CommandResult {
  readonly exitCode: ExitCode
}
