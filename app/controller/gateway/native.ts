import type { LoadOptions } from '../../../ports/model.ts'
import { RequestRefused } from '../problem.ts'

/** Paths of Ollama's own protocol that the gateway passes on; everything else of it stays inside the pod. */
export const MODEL_PATHS = ['/api/chat', '/api/generate', '/api/embed'] as const
export type ModelPath = (typeof MODEL_PATHS)[number]

/**
 * A client's body as it goes to the engine. Load-time settings are the pod's (another value would make the engine load the model anew,
 * ollama.md section 5), and nothing is cut in silence unless the client asked for it.
 */
export function normaliseBody(
  path: ModelPath,
  body: Readonly<Record<string, unknown>>,
  load: LoadOptions,
): Record<string, unknown> {
  const { keep_alive: _clientKeepAlive, ...rest } = body
  const options = isRecord(body.options) ? body.options : {}
  const wanted = options.num_ctx
  if (typeof wanted === 'number' && wanted > load.contextTokens) {
    throw new RequestRefused(
      422,
      'too-long',
      `num_ctx ${wanted} is more than the ${load.contextTokens} tokens that this model is loaded with here.`,
      'Leave num_ctx out, or raise the window in the configuration.',
    )
  }
  const {
    num_gpu: _gpu,
    main_gpu: _mainGpu,
    use_mmap: _mmap,
    num_thread: _thread,
    num_batch: _batch,
    ...calls
  } = options
  const loadOptions = {
    num_ctx: load.contextTokens,
    ...(load.numBatch === undefined ? {} : { num_batch: load.numBatch }),
  }
  if (path === '/api/embed') return { ...rest, options: { ...calls, ...loadOptions } }
  return { ...rest, truncate: body.truncate ?? false, shift: false, options: { ...calls, ...loadOptions } }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
