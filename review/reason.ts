import { isCodedError } from '../ports/errors.ts'

/** An error as a reader is told it: what happened and what to do. */
export function reasonOf(error: unknown): string {
  if (isCodedError(error)) return `${error.message} ${error.remedy}`.trim()
  return error instanceof Error ? error.message : String(error)
}
