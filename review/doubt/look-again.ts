import { ModelError, PodsError, StoreError } from '../../ports/errors.ts'
import type { EngineLease } from '../../ports/model.ts'
import { microUsd } from '../../ports/money.ts'
import type { ModelVoice } from '../find/ask-model.ts'
import { noUsage } from '../find/piece.ts'
import { modelSettings } from '../models.ts'
import { reasonOf } from '../reason.ts'
import type { ReviewCost } from '../result.ts'
import { shareOut } from '../share-out.ts'
import type { ReviewWorld } from '../world.ts'
import type { DoubtResult, DoubtSubject } from './doubt-finding.ts'
import { createLooks, type Looks } from './looks.ts'

export interface SecondLook {
  readonly subjects: readonly DoubtSubject[]
  readonly voice: ModelVoice
  /** With that voice; some may have begun before. */
  readonly looks: Looks
  readonly lease: EngineLease
  /** Gives the first engine back and gets one with another model; null: the same model looks again. */
  readonly second: (() => Promise<EngineLease>) | null
  readonly mark: string
  readonly world: Pick<ReviewWorld, 'signal' | 'step'>
}

/** Has a sceptic look at each finding. A second model that is not to be had leaves every finding alive. */
export async function lookAgain(
  look: SecondLook,
): Promise<{ readonly doubts: readonly DoubtResult[]; readonly spent: ReviewCost }> {
  const { subjects, lease, second } = look
  if (second === null || subjects.length === 0) {
    const doubts = await doubtAll(look.looks, look, look.voice.signal, lease)
    return { doubts, spent: lease.costSoFar() }
  }
  const first = lease.costSoFar()
  try {
    const other = await second()
    const voice: ModelVoice = {
      ...look.voice,
      engine: other.engine,
      model: other.model,
      settings: modelSettings(other.model),
      signal: AbortSignal.any([look.world.signal, other.lost]),
      tokensPerChar: null,
    }
    const doubts = await doubtAll(createLooks(voice, look.mark, look.world), look, voice.signal, other)
    return { doubts, spent: plus(first, other.costSoFar()) }
  } catch (error) {
    look.world.signal.throwIfAborted()
    if (!(error instanceof PodsError || error instanceof ModelError || error instanceof StoreError)) throw error
    if (error instanceof StoreError && error.code !== 'budget-reached') throw error
    const because = `The second model was not to be had: ${reasonOf(error)}`
    const doubts = subjects.map(
      ({ finding: { id } }): DoubtResult => ({ id, verdict: 'unanswered', because, usage: noUsage, promptHash: '' }),
    )
    return { doubts, spent: first }
  }
}

/** Those that began before come first: so no more calls run at once than there are slots. */
function doubtAll(
  looks: Looks,
  { subjects }: SecondLook,
  signal: AbortSignal,
  { slots }: EngineLease,
): Promise<readonly DoubtResult[]> {
  const wanted = new Map(subjects.map((subject) => [looks.nameOf(subject), subject]))
  return shareOut([...new Map([...looks.begun(), ...wanted])], slots, signal, async ([name, subject]) => {
    const doubt = await looks.at(subject)
    if (wanted.has(name)) return doubt
    return { ...doubt, verdict: 'unsure', because: 'what it was about is not said any more' }
  })
}

function plus(a: ReviewCost, b: ReviewCost): ReviewCost {
  return { microUsd: microUsd(a.microUsd + b.microUsd), gpuMs: a.gpuMs + b.gpuMs }
}
