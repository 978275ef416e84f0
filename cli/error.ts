import { CodedError, isCodedError } from '../ports/errors.ts'
import type { CliWorld, ExitCode } from './world.ts'

export type CliErrorCode =
  | 'usage'
  | 'not-a-repository'
  | 'no-such-branch'
  | 'unreadable-input'
  | 'missing-credentials'
  | 'port-in-use'
  | 'missing-tool'
  | 'interrupted'
  | 'not-found'

/** A question that could not be understood, or a world that the terminal cannot work in. */
export class CliError extends CodedError<CliErrorCode> {}

/** A wrong question in one sentence with its remedy; exit 2. */
export function usageError(message: string, remedy: string, cause?: unknown): CliError {
  return new CliError({ code: 'usage', owner: 'user', message, remedy, cause })
}

/** Says what went wrong where the caller looks: one sentence on stderr, or an object on stdout with `--json`. */
export function reportError(error: unknown, json: boolean, world: CliWorld): ExitCode {
  const { code, message, remedy, exitCode } = describe(error, world.signal)
  if (json) world.stdout(`${JSON.stringify({ error: { code, message, remedy } })}\n`)
  else world.stderr(`devloop: ${message}${remedy === '' || message.endsWith('\n') ? '' : ' '}${remedy}\n`)
  return exitCode
}

function describe(error: unknown, signal: AbortSignal) {
  if (signal.aborted) {
    return {
      code: 'interrupted',
      message: 'Stopped on request; everything that was started has been ended.',
      remedy: '',
      exitCode: 3 as const,
    }
  }
  if (isCodedError(error)) {
    const exitCode: ExitCode = error.owner === 'user' ? 2 : 3
    return { code: error.code, message: error.message, remedy: error.remedy, exitCode }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal',
    message: `An unexpected fault: ${message}.`,
    remedy: 'Run it again with LOG_LEVEL=debug and report what it prints.',
    exitCode: 3 as const,
  }
}
