import { type CodedError, isCodedError, ModelError, PodsError, StoreError } from '../ports/errors.ts'
import type { DemandRow } from '../ports/store.ts'

export type Refusal = NonNullable<DemandRow['refused']>

/** Why a job that waits will not be served, as it is written to its row and told to the person. */
export function refusalOf(error: CodedError): Refusal {
  return { code: error.code, message: error.message, remedy: error.remedy }
}

/** The stored refusal as the error it came from, for the process that waits. */
export function errorOfRefusal(refusal: Refusal): CodedError {
  const details = { message: refusal.message, remedy: refusal.remedy }
  switch (refusal.code) {
    case 'budget-reached':
    case 'unwritable':
      return new StoreError({ ...details, code: refusal.code, owner: 'operator' })
    case 'model-missing':
    case 'refused-input':
      return new ModelError({ ...details, code: refusal.code, owner: 'user' })
    case 'rule-broken':
    case 'unauthorized':
    case 'no-balance':
    case 'not-found':
      return new PodsError({ ...details, code: refusal.code, owner: 'operator' })
    default:
      return new ModelError({ ...details, code: 'not-ready', owner: 'retry' })
  }
}

/** What the guard said of a model that will not serve in any pod; undefined when another pod may do better. */
export function modelRefusal(model: string, reason: string): Refusal | undefined {
  const text = reason.replace(/^guard: /, '').replace(/\.?$/, '.')
  if (/does not exist|not found|invalid model/i.test(text)) {
    return {
      code: 'model-missing',
      message: `The model ${model} cannot be pulled: ${text}`,
      remedy: 'Check the model tag.',
    }
  }
  if (/does not fit|was given a window/i.test(text)) {
    return {
      code: 'refused-input',
      message: `The model ${model} does not fit: ${text}`,
      remedy: 'Choose a smaller model or window, or a GPU with more memory.',
    }
  }
  return undefined
}

export function errorText(error: unknown): string {
  return isCodedError(error) ? `${error.code}: ${error.message}` : String(error)
}
