import { z } from 'zod'

const endSchema = z.object({
  model: z.string().optional(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.number().optional(),
  eval_count: z.number().optional(),
  error: z.unknown().optional(),
})

export interface TokenUsage {
  readonly promptTokens: number
  readonly completionTokens: number
}

/** What the last object of an engine's answer says. */
export interface EngineEnd {
  readonly usage: TokenUsage
  readonly model: string | undefined
  /** `stop`, `length`, ...; undefined when the answer has none. */
  readonly finishReason: string | undefined
  readonly isError: boolean
}

export const NO_END: EngineEnd = {
  usage: { promptTokens: 0, completionTokens: 0 },
  model: undefined,
  finishReason: undefined,
  isError: false,
}

const TAIL_BYTES = 8_192

/** Passes bytes on untouched and reads the last object once the stream has ended. */
export async function* tapEnd(
  body: AsyncIterable<Uint8Array>,
  onEnd: (end: EngineEnd, isWhole: boolean) => void,
): AsyncGenerator<Uint8Array> {
  let tail: Uint8Array = new Uint8Array(0)
  let isWhole = false
  try {
    for await (const chunk of body) {
      tail = chunk.length >= TAIL_BYTES ? chunk.subarray(chunk.length - TAIL_BYTES) : joinTail(tail, chunk)
      yield chunk
    }
    isWhole = true
  } finally {
    const end = readEnd(new TextDecoder().decode(tail))
    // Whoever has read the last object need not wait for the stream to close.
    onEnd(end, isWhole || end.finishReason !== undefined)
  }
}

function joinTail(tail: Uint8Array, chunk: Uint8Array): Uint8Array {
  const kept = tail.subarray(Math.max(0, tail.length + chunk.length - TAIL_BYTES))
  const joined = new Uint8Array(kept.length + chunk.length)
  joined.set(kept)
  joined.set(chunk, kept.length)
  return joined
}

function readEnd(tail: string): EngineEnd {
  const lastLine = tail.trimEnd().slice(tail.trimEnd().lastIndexOf('\n') + 1)
  const start = lastLine.indexOf('{')
  const parsed = endSchema.safeParse(parseJson(lastLine.slice(Math.max(0, start))) ?? countersIn(lastLine)).data
  if (parsed === undefined) return NO_END
  return {
    usage: { promptTokens: parsed.prompt_eval_count ?? 0, completionTokens: parsed.eval_count ?? 0 },
    model: parsed.model,
    finishReason: parsed.done_reason,
    isError: parsed.error !== undefined,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One long object (an embedding, a whole answer) is cut by the tail; its counters stand at its end. Inside a text their quotes are escaped. */
function countersIn(cut: string): Record<string, number> {
  const found = cut.matchAll(/(?<!\\)"(prompt_eval_count|eval_count)":(\d{1,12})(?=[,}])/g)
  return Object.fromEntries([...found].map(([, name, count]) => [name, Number(count)]))
}
