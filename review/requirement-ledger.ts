import type { ChangedFile } from './diff/model.ts'
import type { RequirementAnswer } from './find/piece.ts'
import type { Requirement } from './gather/requirements.ts'
import { normaliseCode } from './rank/fingerprint.ts'
import type { RequirementState } from './result.ts'

/**
 * What the change does about the check boxes of its issues. An answer counts only with a line of the change that shows it; one
 * violation outweighs any number of satisfactions.
 */
export function requirementLedger(
  requirements: readonly Requirement[],
  answers: readonly RequirementAnswer[],
  files: readonly ChangedFile[],
): RequirementState[] {
  return requirements.map(({ id, issue, text }) => {
    const proved = answers
      .filter((answer) => answer.id === id)
      .flatMap((answer) => {
        const evidence = findEvidence(answer, files)
        return evidence === null ? [] : [{ verdict: answer.verdict, evidence }]
      })
    const speaking = proved.find(({ verdict }) => verdict === 'violated') ?? proved[0]
    return { id, issue, text, verdict: speaking?.verdict ?? 'unknown', evidence: speaking?.evidence ?? null }
  })
}

function findEvidence(
  { quote, paths }: RequirementAnswer,
  files: readonly ChangedFile[],
): RequirementState['evidence'] {
  const wanted = normaliseCode(quote.split('\n').find((line) => line.trim() !== '') ?? '')
  if (wanted.length < 4) return null
  for (const { path, hunks } of files) {
    if (!paths.includes(path)) continue
    for (const { newLine, text } of hunks.flatMap((hunk) => hunk.lines)) {
      if (newLine !== null && normaliseCode(text) === wanted) return { path, line: newLine, quote: text.trim() }
    }
  }
  return null
}
