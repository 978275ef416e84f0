import { z } from 'zod'

/** Splits a byte stream into lines; characters and lines may be cut anywhere between chunks. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    let end = rest.indexOf('\n')
    while (end >= 0) {
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      if (line.trim() !== '') yield line
      end = rest.indexOf('\n')
    }
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield rest
}

const usageSchema = z.object({ prompt_eval_count: z.number().optional(), eval_count: z.number().optional() })

export interface TokenUsage {
  readonly promptTokens: number
  readonly completionTokens: number
}

const TAIL_BYTES = 8_192

/** Passes bytes on untouched and reads the counters from the last object once the stream has ended. */
export async function* tapUsage(
  body: AsyncIterable<Uint8Array>,
  onEnd: (usage: TokenUsage, isWhole: boolean) => void,
): AsyncGenerator<Uint8Array> {
  let tail: Uint8Array = new Uint8Array(0)
  let isWhole = false
  try {
    for await (const chunk of body) {
      yield chunk
      tail = chunk.length >= TAIL_BYTES ? chunk.subarray(chunk.length - TAIL_BYTES) : joinTail(tail, chunk)
    }
    isWhole = true
  } finally {
    onEnd(readUsage(new TextDecoder().decode(tail)), isWhole)
  }
}

function joinTail(tail: Uint8Array, chunk: Uint8Array): Uint8Array {
  const kept = tail.subarray(Math.max(0, tail.length + chunk.length - TAIL_BYTES))
  const joined = new Uint8Array(kept.length + chunk.length)
  joined.set(kept)
  joined.set(chunk, kept.length)
  return joined
}

function readUsage(tail: string): TokenUsage {
  const lastLine = tail.trimEnd().slice(tail.trimEnd().lastIndexOf('\n') + 1)
  const start = lastLine.indexOf('{')
  try {
    const parsed = usageSchema.parse(JSON.parse(lastLine.slice(Math.max(0, start))))
    return { promptTokens: parsed.prompt_eval_count ?? 0, completionTokens: parsed.eval_count ?? 0 }
  } catch {
    return { promptTokens: 0, completionTokens: 0 }
  }
}
