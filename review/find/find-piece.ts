import type { ChatMessage } from '../../ports/model.ts'
import { findPrompt, type ReviewBrief } from '../prompts/find-prompt.ts'
import { retryPrompt } from '../prompts/retry-prompt.ts'
import { type AnswerBounds, answerJsonSchema, answerSchema, type FindAnswer } from './answer-schema.ts'
import { askModel, type ModelVoice, promptHash } from './ask-model.ts'
import { faultOf } from './fault.ts'
import { addUsage, type FindPiece, noUsage, type PartOutcome, type PiecePart, type PieceResult } from './piece.ts'
import { readAnswer } from './read-answer.ts'

/** More only come of a prompt that had to be asked in pieces. */
export const findingsPerPrompt = 8
const findingsPerHunk = 3
/** A prompt may be halved this often because the engine finds it too long. */
const maxHalvings = 2

/**
 * Reviews one piece. A prompt is asked at most twice, the second time with what was wrong with the first answer; then each of its
 * hunks is asked alone, once, until one of those fails too. So no prompt costs more than three failed calls, and whatever was not
 * reviewed is named. Throws only when the engine is to blame: then nothing is recorded and a later attempt asks again.
 */
export async function findPiece(voice: ModelVoice, brief: ReviewBrief, piece: FindPiece): Promise<PieceResult> {
  const search = new PieceSearch(voice, brief, piece)
  await search.review(piece.parts, maxHalvings)
  return search.result()
}

class PieceSearch {
  private readonly voice: ModelVoice
  private readonly brief: ReviewBrief
  private readonly piece: FindPiece
  private readonly answers: { answer: FindAnswer; parts: readonly PiecePart[] }[] = []
  private readonly outcomes: PartOutcome[] = []
  private readonly promptHashes: string[] = []
  private usage = noUsage
  private measured = { chars: 0, tokens: 0 }
  private problem: string | null = null

  constructor(voice: ModelVoice, brief: ReviewBrief, piece: FindPiece) {
    this.voice = voice
    this.brief = brief
    this.piece = piece
  }

  async review(parts: readonly PiecePart[], halvings: number): Promise<void> {
    const prompt = this.promptOf(parts, findingsPerPrompt)
    const first = await this.ask(prompt.messages, prompt.bounds, 0)
    if (first.kind === 'answer') return this.accept(parts, first.answer)
    if (first.kind === 'too-long') return this.halve(parts, halvings)
    const messages = retryPrompt(prompt.messages, first.content, first.problem)
    const second = await this.ask(messages, prompt.bounds, 1)
    if (second.kind === 'answer') return this.accept(parts, second.answer)
    if (parts.length === 1) return this.giveUp(parts, 'model-failed')
    return this.salvage(parts)
  }

  result(): PieceResult {
    const proposals = this.answers.flatMap(({ answer }) => answer.findings)
    const checks = mergeChecks(this.answers.flatMap(({ answer }) => answer.checks))
    const requirements = this.answers.flatMap(({ answer, parts }) =>
      answer.requirements.map((entry) => ({ ...entry, paths: [...new Set(parts.map((part) => part.path))] })),
    )
    return {
      key: this.piece.key,
      proposals,
      checks,
      requirements,
      parts: this.outcomes,
      usage: this.usage,
      promptHashes: this.promptHashes,
      measured: this.measured,
      problem: this.problem,
    }
  }

  private async halve(parts: readonly PiecePart[], halvings: number): Promise<void> {
    if (parts.length < 2 || halvings === 0) return this.giveUp(parts, 'too-large')
    const middle = Math.ceil(parts.length / 2)
    await this.review(parts.slice(0, middle), halvings - 1)
    await this.review(parts.slice(middle), halvings - 1)
  }

  private async salvage(parts: readonly PiecePart[]): Promise<void> {
    for (const [index, part] of parts.entries()) {
      const prompt = this.promptOf([part], findingsPerHunk)
      const asked = await this.ask(prompt.messages, prompt.bounds, 2)
      if (asked.kind !== 'answer') return this.giveUp(parts.slice(index), 'model-failed')
      this.accept([part], asked.answer)
    }
  }

  private async ask(messages: readonly ChatMessage[], bounds: AnswerBounds, attempt: number): Promise<AskResult> {
    this.usage = addUsage(this.usage, { ...noUsage, calls: 1 })
    this.promptHashes.push(promptHash(messages))
    try {
      const { answer, promptChars } = await askModel(this.voice, messages, answerJsonSchema(bounds), attempt)
      this.count(answer, promptChars)
      const read = readAnswer(answer.content, answerSchema(bounds))
      if (read.ok) return { kind: 'answer', answer: read.value }
      this.problem = read.problem
      return { kind: 'unusable', content: answer.content, problem: read.problem }
    } catch (error) {
      const fault = faultOf(error)
      if (fault === 'engine' || fault === 'stop') throw error
      this.problem = error instanceof Error ? error.message : String(error)
      if (fault === 'split') return { kind: 'too-long' }
      return {
        kind: 'unusable',
        content: '',
        problem: 'it did not come to an end. Report fewer findings, in short sentences.',
      }
    }
  }

  private count(
    answer: { promptTokens: number; completionTokens: number; promptMs: number; evalMs: number },
    chars: number,
  ) {
    this.usage = addUsage(this.usage, {
      calls: 0,
      promptTokens: answer.promptTokens,
      completionTokens: answer.completionTokens,
      modelMs: Math.round(answer.promptMs + answer.evalMs),
    })
    if (answer.promptTokens === 0) return
    this.measured = { chars: this.measured.chars + chars, tokens: this.measured.tokens + answer.promptTokens }
  }

  private accept(parts: readonly PiecePart[], answer: FindAnswer): void {
    this.answers.push({ answer, parts })
    this.outcomes.push(...parts.map(({ path, hunk }) => ({ path, hunk, state: 'reviewed' as const })))
  }

  private giveUp(parts: readonly PiecePart[], reason: 'model-failed' | 'too-large'): void {
    this.outcomes.push(...parts.map(({ path, hunk }) => ({ path, hunk, state: 'failed' as const, reason })))
  }

  private promptOf(parts: readonly PiecePart[], maxFindings: number) {
    const { instructions, mustCheck } = this.piece
    const code = parts.map((part) => part.code).join('\n')
    const bounds: AnswerBounds = {
      files: [...new Set(parts.map((part) => part.path))],
      lines: [...new Set(parts.flatMap((part) => part.lines))].sort((left, right) => left - right),
      checks: mustCheck.map(({ id }) => id),
      requirements: this.brief.requirements.map(({ id }) => id),
      maxFindings,
    }
    return { bounds, messages: findPrompt(this.brief, { code, instructions, mustCheck, maxFindings }) }
  }
}

type AskResult =
  | { readonly kind: 'answer'; readonly answer: FindAnswer }
  | { readonly kind: 'unusable'; readonly content: string; readonly problem: string }
  | { readonly kind: 'too-long' }

/** The worst verdict wins where several prompts answered one question. */
function mergeChecks(checks: FindAnswer['checks']): FindAnswer['checks'] {
  const merged = new Map<string, FindAnswer['checks'][number]>()
  for (const check of checks) {
    const known = merged.get(check.id)
    if (known === undefined || rankOf(check.verdict) > rankOf(known.verdict)) merged.set(check.id, check)
  }
  return [...merged.values()]
}

function rankOf(verdict: 'fine' | 'problem' | 'cannot-tell'): number {
  return ['fine', 'cannot-tell', 'problem'].indexOf(verdict)
}
