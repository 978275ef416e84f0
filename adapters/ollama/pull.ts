import { ModelError } from '../../ports/errors.ts'
import type { OllamaClient } from './client.ts'
import { midStreamError, unreadableAnswer } from './errors.ts'
import { readNdjson } from './ndjson.ts'
import { pullLine } from './schema.ts'

export interface PullProgress {
  readonly status: string
  /** Sums over the layers seen so far; `completed` restarts with each layer, so one line alone says little. */
  readonly completedBytes: number
  readonly totalBytes: number
}

export interface PullCall {
  readonly model: string
  readonly signal: AbortSignal
  readonly totalMs: number
  readonly onProgress?: (progress: PullProgress) => void
}

/** Downloads a model. Resolves only after the final `success`; a repeat after a cancelled pull goes on where that one stopped. */
export async function pullModel(client: OllamaClient, call: PullCall): Promise<void> {
  const bytes = client.stream({
    method: 'POST',
    path: '/api/pull',
    body: { model: call.model, stream: true },
    signal: call.signal,
    totalMs: call.totalMs,
    // The last layer may stand still for long while it is checked.
    silenceMs: call.totalMs,
  })
  const layers = new Map<string, { readonly completed: number; readonly total: number }>()
  for await (const value of readNdjson(bytes)) {
    const parsed = pullLine.safeParse(value)
    if (!parsed.success) throw unreadableAnswer('POST /api/pull', parsed.error)
    const line = parsed.data
    if (line.error !== undefined) throw pullFailed(call.model, line.error)
    if (line.status === 'success') return
    if (line.digest != null) {
      const known = layers.get(line.digest)
      layers.set(line.digest, {
        completed: line.completed ?? known?.completed ?? 0,
        total: line.total ?? known?.total ?? 0,
      })
    }
    call.onProgress?.({ status: line.status, ...sumOf([...layers.values()]) })
  }
  throw new ModelError({
    code: 'incomplete',
    owner: 'retry',
    message: `The download of ${call.model} ended without "success".`,
    remedy: 'Try again; finished parts are kept.',
  })
}

function sumOf(layers: readonly { readonly completed: number; readonly total: number }[]) {
  return {
    completedBytes: layers.reduce((sum, layer) => sum + layer.completed, 0),
    totalBytes: layers.reduce((sum, layer) => sum + layer.total, 0),
  }
}

function pullFailed(model: string, error: unknown): ModelError {
  const text = typeof error === 'string' ? error : JSON.stringify(error)
  if (!/file does not exist|not found/i.test(text)) return midStreamError('POST /api/pull', error)
  return new ModelError({
    code: 'model-missing',
    owner: 'user',
    message: `The model ${model} does not exist in the library: "${text}".`,
    remedy: 'Check the model tag.',
  })
}
