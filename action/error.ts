import { CodedError } from '../ports/errors.ts'

export type ActionErrorCode =
  | 'unknown-command'
  | 'unknown-input'
  | 'bad-input'
  | 'missing-input'
  | 'wrong-event'
  | 'bad-event'
  | 'bad-config'
  | 'controller'
  | 'gateway'
  | 'not-returned'

/** A step that cannot be carried out as it is written, or a pod that did not come back. */
export class ActionError extends CodedError<ActionErrorCode> {}

/** What to do about an error, in the words of a workflow: the core speaks of the terminal's option. */
export function remedyOf({ remedy }: { readonly remedy: string }): string {
  return remedy.replaceAll('--max-cost', 'max-cost-usd')
}

/** Something in the workflow file is wrong. */
export function workflowError(code: ActionErrorCode, message: string, remedy: string, cause?: unknown): ActionError {
  return new ActionError({ code, owner: 'user', message, remedy, cause })
}
