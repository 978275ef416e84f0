import { findingsPerPrompt } from '../find/find-piece.ts'
import type { FindPiece } from '../find/piece.ts'
import type { PassesSoFar } from '../passes.ts'
import { mostFiles, type ProofRun } from '../prove-all.ts'
import { byWeight } from '../rank/merge.ts'
import type { VotedFinding } from '../rank/ranked.ts'
import { countVotes } from '../votes.ts'
import type { DoubtSubject } from './doubt-finding.ts'
import type { Looks } from './looks.ts'

export interface LookAheadParts {
  readonly looks: Looks
  /** Findings that get a second look in the end, the heaviest first. */
  readonly most: number
  /** Proves what was proposed so far, without looking beyond the change. */
  readonly prove: (proposals: PassesSoFar['proposals']) => Promise<ProofRun>
  readonly subjectOf: (finding: VotedFinding, headTexts: ProofRun['headTexts']) => DoubtSubject | undefined
}

/**
 * Second looks on slots that have nothing left to read while the last prompts are out. Only at findings whose look is certain to be
 * wanted in the end, and to be the same then: in a file that no prompt reads any more, that will have been read as a whole, and so
 * heavy that what is still to come cannot push them out.
 */
export function createLookAhead({ looks, most, prove, subjectOf }: LookAheadParts) {
  let isBroken = false
  let last: { readonly said: number; readonly weighed: Promise<Weighed> } | null = null

  async function weigh({ proposals, passes }: PassesSoFar): Promise<Weighed> {
    const { proved, headTexts, isAtHome } = await prove(proposals)
    const findings = countVotes(proved, passes).sort(byWeight)
    const subjects = findings.map((finding) => (isAtHome(finding) ? subjectOf(finding, headTexts) : undefined))
    return { subjects, read: [...headTexts.keys()] }
  }

  /** Makes one call, or answers false when none is certain as yet. What it meets is met again, and told, by those who look in the end. */
  return async (known: PassesSoFar, left: readonly FindPiece[]): Promise<boolean> => {
    if (isBroken) return false
    try {
      const said = known.proposals.length
      if (last?.said !== said) last = { said, weighed: weigh(known) }
      const { subjects, read } = await last.weighed
      const toCome = left.length * findingsPerPrompt
      const open = new Set(left.flatMap(({ parts }) => parts.map(({ path }) => path)))
      const certain = new Set(read.slice(0, Math.max(0, mostFiles - toCome)).filter((path) => !open.has(path)))
      const next = subjects
        .slice(0, Math.max(0, most - toCome))
        .find((each) => each && certain.has(each.finding.path) && !looks.begun().has(looks.nameOf(each)))
      if (next === undefined) return false
      await looks.at(next)
      return true
    } catch {
      isBroken = true
      return false
    }
  }
}

interface Weighed {
  /** The heaviest first; undefined where there is nothing to look at, or more would have to be known. */
  readonly subjects: readonly (DoubtSubject | undefined)[]
  /** Files read as a whole, in the order they were first spoken of. */
  readonly read: readonly string[]
}
