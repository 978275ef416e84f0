import { z } from 'zod'
import type { EngineLease } from '../ports/model.ts'
import { askModel, type ModelVoice, promptHash } from './find/ask-model.ts'
import { faultOf } from './find/fault.ts'
import { addUsage, type CallUsage, noUsage } from './find/piece.ts'
import { readAnswer } from './find/read-answer.ts'
import { modelSettings } from './models.ts'
import type { Prepared } from './prepare.ts'
import { askPrompt, combinePrompt } from './prompts/ask-prompt.ts'
import { retryPrompt } from './prompts/retry-prompt.ts'
import { normaliseCode } from './rank/fingerprint.ts'
import { shareOut } from './share-out.ts'
import type { ReviewChoices, ReviewWorld } from './world.ts'

/** A line of the change that an answer rests on; it was looked up, not believed. */
export interface Evidence {
  readonly path: string
  readonly line: number
  readonly quote: string
}

/** The answer to a question about a change. */
export interface AskResult {
  /** Null when no part of the change was read. */
  readonly answer: string | null
  readonly evidence: readonly Evidence[]
  readonly partsRead: number
  readonly partsAll: number
  readonly usage: CallUsage
  readonly promptHashes: readonly string[]
  /** What went wrong last; null when every part was read. */
  readonly problem: string | null
}

const partShape = z.object({
  bears: z.boolean(),
  answer: z.string().max(8_000),
  evidence: z.array(z.object({ file: z.string(), line: z.number(), quote: z.string().max(2_000) })).max(20),
})
const partJson = {
  type: 'object',
  properties: {
    bears: { type: 'boolean' },
    answer: { type: 'string' },
    evidence: {
      type: 'array',
      maxItems: 5,
      items: {
        type: 'object',
        properties: { file: { type: 'string' }, line: { type: 'integer' }, quote: { type: 'string' } },
        required: ['file', 'line', 'quote'],
        additionalProperties: false,
      },
    },
  },
  required: ['bears', 'answer', 'evidence'],
  additionalProperties: false,
} as const
const wholeShape = z.object({ answer: z.string().min(1).max(8_000) })
const wholeJson = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
} as const

interface PartAnswer {
  readonly value: z.infer<typeof partShape> | null
  readonly usage: CallUsage
  readonly hashes: readonly string[]
  readonly problem: string | null
}

/** Asks every part of the change, then puts the answers that bear on the question together. At most two calls per part. */
export async function askChange(
  question: string,
  prepared: Prepared,
  choices: ReviewChoices,
  world: ReviewWorld,
  lease: EngineLease,
): Promise<AskResult> {
  const signal = AbortSignal.any([world.signal, lease.lost])
  const settings = modelSettings(choices.model)
  const voice: ModelVoice = {
    engine: lease.engine,
    model: lease.model,
    settings,
    seed: choices.seed,
    signal,
    tokensPerChar: choices.ratio.samples === 0 ? null : choices.ratio.mean,
  }
  const { pieces, brief } = prepared
  const asked = await shareOut([...pieces.entries()], lease.slots, signal, ([index, piece]) => {
    const code = piece.parts.map((part) => part.code).join('\n')
    const part = pieces.length === 1 ? 'the whole' : `part ${index + 1} of ${pieces.length}`
    return world.step(`ask/${piece.key}`, () =>
      askTwice(voice, askPrompt(brief, question, code, part), partJson, partShape),
    )
  })
  world.signal.throwIfAborted()
  const read = asked.flatMap(({ value }) => value ?? [])
  const bearing = read.filter(({ bears, answer }) => bears && answer.trim() !== '')
  const texts = bearing.map(({ answer }) => answer)
  const whole = texts.length > 1 ? await combine(voice, choices.mark, question, texts, world) : null
  const all = [...asked, ...(whole === null ? [] : [whole])]
  return {
    answer: read.length === 0 ? null : (whole?.value?.answer ?? texts.join('\n\n')),
    evidence: bearing.flatMap(({ evidence }) => evidence.flatMap((each) => findLine(each, prepared))),
    partsRead: read.length,
    partsAll: pieces.length,
    usage: all.map(({ usage }) => usage).reduce(addUsage, noUsage),
    promptHashes: all.flatMap(({ hashes }) => hashes),
    problem: asked.find(({ problem }) => problem !== null)?.problem ?? null,
  }
}

function combine(voice: ModelVoice, mark: string, question: string, texts: readonly string[], world: ReviewWorld) {
  const messages = combinePrompt(
    mark,
    question,
    texts.slice(0, 12).map((text) => text.slice(0, 2_500)),
  )
  return world.step(`ask/combine/${promptHash(messages)}`, () => askTwice(voice, messages, wholeJson, wholeShape))
}

async function askTwice<T>(
  voice: ModelVoice,
  messages: Parameters<typeof askModel>[1],
  json: Readonly<Record<string, unknown>>,
  shape: z.ZodType<T>,
): Promise<Omit<PartAnswer, 'value'> & { readonly value: T | null }> {
  let usage = noUsage
  const hashes: string[] = []
  let problem = ''
  let content = ''
  for (const attempt of [0, 1]) {
    const sent = attempt === 0 ? messages : retryPrompt(messages, content, problem)
    hashes.push(promptHash(sent))
    usage = addUsage(usage, { ...noUsage, calls: 1 })
    try {
      const { answer } = await askModel(voice, sent, json, attempt)
      const { promptTokens, completionTokens } = answer
      usage = addUsage(usage, {
        calls: 0,
        promptTokens,
        completionTokens,
        modelMs: Math.round(answer.promptMs + answer.evalMs),
      })
      const read = readAnswer(answer.content, shape)
      if (read.ok) return { value: read.value, usage, hashes, problem: null }
      content = answer.content
      problem = read.problem
    } catch (error) {
      const fault = faultOf(error)
      if (fault === 'stop' || fault === 'engine') throw error
      content = ''
      problem = error instanceof Error ? error.message : String(error)
      if (fault === 'split') break
    }
  }
  return { value: null, usage, hashes, problem }
}

/** The place where the quote really stands; evidence that stands nowhere is left out. */
function findLine({ file, quote }: { readonly file: string; readonly quote: string }, { files }: Prepared): Evidence[] {
  const wanted = normaliseCode(quote.split('\n').find((line) => line.trim() !== '') ?? '')
  if (wanted.length < 3) return []
  const lines = files.filter(({ path }) => path === file).flatMap(({ hunks }) => hunks.flatMap(({ lines: all }) => all))
  const found = lines.find(({ newLine, text }) => newLine !== null && normaliseCode(text) === wanted)
  return found?.newLine == null ? [] : [{ path: file, line: found.newLine, quote: found.text.trim() }]
}
