import { runCli } from '../run.ts'
import type { ExitCode } from '../world.ts'

export interface CliEnd {
  readonly exitCode: ExitCode
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly isTty?: boolean
  readonly signal?: AbortSignal
  readonly onStderr?: (text: string) => void
}

/** One command line in a world of its own. */
export async function runInProcess(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  let stdout = ''
  let stderr = ''
  const exitCode = await runCli(args, {
    env: { PATH: process.env.PATH, DEVLOOP_DATA: `${options.cwd}/.devloop`, ...options.env },
    cwd: options.cwd,
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
      options.onStderr?.(text)
    },
    readStdin: async () => options.stdin ?? '',
    isTty: options.isTty ?? false,
    signal: options.signal ?? new AbortController().signal,
  })
  return { exitCode, stdout, stderr }
}
