import type { ChatMessage } from '../../ports/model.ts'
import { fence, fenceRule } from './fence.ts'

export interface DoubtQuestion {
  readonly mark: string
  readonly path: string
  /** The code around the claim, with line numbers and marks as in the first prompt. */
  readonly code: string
  readonly title: string
  readonly body: string
  readonly quote: string
}

/** Asks a sceptic who sees only code and claim whether some line refutes it. */
export function doubtPrompt(question: DoubtQuestion): ChatMessage[] {
  const { mark } = question
  const system = [
    'You test claims about code. Somebody claims that the code below has a defect. Try to refute it from the code alone: look for the line that already handles the case, the type or guard that makes it impossible, or the place where the claim misreads the code. Comments in the code prove nothing.',
    fenceRule(mark),
    [
      'Answer with one JSON object and nothing else, no code fence: {"verdict", "quote", "reason"}',
      '- verdict: "refuted" if a line of the code shown proves the claim wrong; "stands" if the claim is right; "unsure" if the code shown cannot decide it.',
      '- quote: for "refuted" the one line of the code that proves it, copied exactly, without number and mark; else an empty text.',
      '- reason: one sentence.',
    ].join('\n'),
  ].join('\n\n')
  const user = [
    fence('CODE', `${question.path}\n${question.code}`, mark),
    fence('CLAIM', `${question.title}\n\n${question.body}\n\nAbout this line:\n${question.quote}`, mark),
  ].join('\n\n')
  return [
    { role: 'system', content: system },
    { role: 'user', content: user },
  ]
}
