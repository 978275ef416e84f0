import { ModelError } from '../../ports/errors.ts'
import type { ChatAnswer, ChatCall, ChatRequest } from '../../ports/model.ts'
import { midStreamError, unreadableAnswer } from './errors.ts'
import { type ChatLine, chatLine } from './schema.ts'
import { isTruncated } from './truncation.ts'

const CALL = 'POST /api/chat'
/** Ollama itself stops a model after some thirty equal pieces; a run of white space that long is no JSON any more. */
const LONGEST_BLANK_RUN = 1_000
const NS_PER_MS = 1_000_000

/** Gathers the lines of one chat stream and answers only when they make a whole, honest result; everything else throws. */
export async function readChat(
  lines: AsyncIterable<unknown>,
  request: ChatRequest,
  maxReplyChars: number,
  onPiece: ChatCall['onPiece'],
): Promise<ChatAnswer> {
  let content = ''
  let thinkingChars = 0
  for await (const value of lines) {
    const parsed = chatLine.safeParse(value)
    if (!parsed.success) throw unreadableAnswer(CALL, parsed.error)
    const line = parsed.data
    if (line.error !== undefined) throw midStreamError(CALL, line.error, line.status)
    const text = line.message?.content ?? ''
    content += text
    thinkingChars += line.message?.thinking?.length ?? 0
    assertBounded(content, thinkingChars, maxReplyChars)
    if (text !== '') onPiece?.({ text, totalChars: content.length })
    if (line.done) return answerOf(line, content, thinkingChars, request)
  }
  throw incomplete('ended without its last line', content.length)
}

function assertBounded(content: string, thinkingChars: number, maxReplyChars: number): void {
  if (content.length + thinkingChars > maxReplyChars) {
    throw new ModelError({
      code: 'reply-too-large',
      owner: 'retry',
      message: `The model's reply is longer than ${maxReplyChars} characters.`,
      remedy: 'Ask for less output.',
      facts: { maxReplyChars },
    })
  }
  if (content.length > LONGEST_BLANK_RUN && content.slice(-LONGEST_BLANK_RUN).trim() === '') {
    throw incomplete(`ran into ${LONGEST_BLANK_RUN} characters of white space`, content.length)
  }
}

function answerOf(line: ChatLine, content: string, thinkingChars: number, request: ChatRequest): ChatAnswer {
  const facts = { promptTokens: line.prompt_eval_count, completionTokens: line.eval_count, thinkingChars }
  if (line.done_reason === 'length') {
    throw new ModelError({
      code: 'output-limit',
      owner: 'retry',
      message: `The model reached its limit of ${request.maxOutputTokens} tokens before it had finished.`,
      remedy: 'Ask for less at once, or allow more output.',
      facts,
    })
  }
  if (line.done_reason !== 'stop') throw incomplete(`ended with the reason "${line.done_reason ?? ''}"`, content.length)
  if (isTruncated(request, line.prompt_eval_count)) {
    throw new ModelError({
      code: 'truncated-prompt',
      owner: 'retry',
      message: `The model read ${line.prompt_eval_count} prompt tokens of about ${request.estimatedPromptTokens ?? 'unknown'}: its prompt was cut.`,
      remedy: 'Split the prompt; the answer was thrown away because the model did not see the question whole.',
      facts: { ...facts, contextTokens: request.load.contextTokens },
    })
  }
  if (content.trim() === '') throw incomplete(thinkingChars > 0 ? 'holds thoughts but no answer' : 'is empty', 0)
  return {
    content,
    model: line.model ?? request.model,
    promptTokens: line.prompt_eval_count,
    completionTokens: line.eval_count,
    loadMs: line.load_duration / NS_PER_MS,
    promptMs: line.prompt_eval_duration / NS_PER_MS,
    evalMs: line.eval_duration / NS_PER_MS,
  }
}

function incomplete(what: string, chars: number): ModelError {
  return new ModelError({
    code: 'incomplete',
    owner: 'retry',
    message: `The model's reply ${what}.`,
    remedy: 'Try again; an unfinished reply is no result.',
    facts: { chars },
  })
}
