import { z } from 'zod'
import type { ChatMessage } from '../../ports/model.ts'
import { askModel, type ModelVoice, promptHash } from '../find/ask-model.ts'
import { faultOf } from '../find/fault.ts'
import { type CallUsage, noUsage } from '../find/piece.ts'
import { readAnswer } from '../find/read-answer.ts'
import type { Finding } from '../finding.ts'
import { doubtPrompt } from '../prompts/doubt-prompt.ts'
import { refutes } from './refutes.ts'

/** What the sceptic gets to see of one finding. */
export interface DoubtSubject {
  readonly finding: Finding
  /** Rendered with numbers. */
  readonly code: string
  /** The lines in it, as they stand in the file: what a refutation may quote. */
  readonly shown: readonly string[]
}

/** The recorded end of one doubt; plain JSON. */
export interface DoubtResult {
  readonly id: string
  /** `refuted` only by rule; everything else leaves the finding alive. */
  readonly verdict: 'refuted' | 'stands' | 'unsure' | 'unanswered'
  /** The refuting line, or why there is no verdict. */
  readonly because: string
  readonly usage: CallUsage
  readonly promptHash: string
}

const answerShape = z.object({
  verdict: z.enum(['refuted', 'stands', 'unsure']),
  quote: z.string().max(2_000),
  reason: z.string().max(2_000),
})

const answerJson = {
  type: 'object',
  properties: {
    verdict: { type: 'string', enum: ['refuted', 'stands', 'unsure'] },
    quote: { type: 'string' },
    reason: { type: 'string' },
  },
  required: ['verdict', 'quote', 'reason'],
  additionalProperties: false,
} as const

/** What the sceptic is asked. */
export function doubtMessages(mark: string, { finding, code }: DoubtSubject): readonly ChatMessage[] {
  const { path, title, body, quote } = finding
  return doubtPrompt({ mark, path, code, title, body, quote })
}

/** Asks once whether a line refutes the finding. Throws only when the engine is to blame. */
export async function doubtFinding(voice: ModelVoice, mark: string, subject: DoubtSubject): Promise<DoubtResult> {
  const { finding, shown } = subject
  const { id } = finding
  const messages = doubtMessages(mark, subject)
  const asked = { id, promptHash: promptHash(messages), usage: { ...noUsage, calls: 1 } }
  try {
    const { answer } = await askModel(voice, messages, answerJson)
    const { promptTokens, completionTokens } = answer
    const usage = { calls: 1, promptTokens, completionTokens, modelMs: Math.round(answer.promptMs + answer.evalMs) }
    const read = readAnswer(answer.content, answerShape)
    if (!read.ok) return { ...asked, usage, verdict: 'unanswered', because: read.problem }
    const { verdict, quote: refuting } = read.value
    if (verdict !== 'refuted') return { ...asked, usage, verdict, because: '' }
    return refutes(refuting, finding, shown)
      ? { ...asked, usage, verdict: 'refuted', because: refuting.trim() }
      : { ...asked, usage, verdict: 'unsure', because: 'the line quoted against it does not refute it' }
  } catch (error) {
    const fault = faultOf(error)
    if (fault === 'engine' || fault === 'stop') throw error
    return { ...asked, verdict: 'unanswered', because: error instanceof Error ? error.message : String(error) }
  }
}
