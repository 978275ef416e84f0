import { failedToSee, notVisibleHere, type Part } from '../../governance/snapshot.ts'
import { isCodedError } from '../../ports/errors.ts'

/** A refusal of GitHub's is a part not seen; what may pass by itself lets the whole evaluation be tried again. */
export async function part<T>(read: () => Promise<Part<T>>): Promise<Part<T>> {
  try {
    return await read()
  } catch (error) {
    if (!isCodedError(error) || error.owner === 'retry') throw error
    return failedToSee(`${error.message} ${error.remedy}`)
  }
}

export function unread<T>(): Part<T> {
  return notVisibleHere('no enabled rule reads it')
}
