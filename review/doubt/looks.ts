import { ModelError } from '../../ports/errors.ts'
import { type ModelVoice, promptHash } from '../find/ask-model.ts'
import type { ReviewWorld } from '../world.ts'
import { doubtFinding, doubtMessages, type DoubtResult, type DoubtSubject } from './doubt-finding.ts'

/** Second looks with one voice: each is asked and recorded once, however often it is wanted. */
export interface Looks {
  readonly at: (subject: DoubtSubject) => Promise<DoubtResult>
  /** Under this name it is recorded: the same for equal questions about one finding. */
  readonly nameOf: (subject: DoubtSubject) => string
  /** By name what was looked at so far, or is being looked at. */
  readonly begun: () => ReadonlyMap<string, DoubtSubject>
  /** Settles once no look is under way. Never rejects. */
  readonly settled: () => Promise<void>
}

export function createLooks(voice: ModelVoice, mark: string, { step }: Pick<ReviewWorld, 'step'>): Looks {
  const begun = new Map<string, DoubtSubject>()
  const results = new Map<string, Promise<DoubtResult>>()
  // The id alone would not do: where equal code stands twice in a file it holds a number, which later findings change.
  const nameOf = (subject: DoubtSubject) =>
    `doubt/${subject.finding.id}/${promptHash(doubtMessages(mark, subject)).slice(0, 12)}`
  return {
    at: (subject) => {
      const name = nameOf(subject)
      const known = results.get(name)
      if (known !== undefined) return known
      const result = step(name, () => doubtFinding(voice, mark, subject))
      begun.set(name, subject)
      results.set(name, result)
      result.catch((error: unknown) => {
        // What the engine failed may be asked again.
        if (error instanceof ModelError && begun.delete(name)) results.delete(name)
      })
      return result
    },
    nameOf,
    begun: () => begun,
    settled: async () => {
      await Promise.allSettled(results.values())
    },
  }
}
