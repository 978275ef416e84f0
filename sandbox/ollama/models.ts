/** A model the emulated registry knows, with what decides whether and how it runs. */
export interface EmulatedModel {
  readonly tag: string
  readonly family: string
  readonly parameterSize: string
  readonly quantization: string
  readonly sizeBytes: number
  readonly trainedContext: number
  /** Memory of the key/value cache for one token of window, 16-bit. */
  readonly cacheBytesPerToken: number
  readonly capabilities: readonly string[]
}

const gib = 1024 ** 3

function model(
  tag: string,
  sizeGigabytes: number,
  trainedContext: number,
  cacheKib: number,
  more: Partial<EmulatedModel> = {},
): EmulatedModel {
  return {
    tag,
    family: tag.split(/[:.-]/)[0] ?? tag,
    parameterSize: `${/(\d+)b/.exec(tag)?.[1] ?? '7'}B`,
    quantization: 'Q4_K_M',
    sizeBytes: Math.round(sizeGigabytes * 1e9),
    trainedContext,
    cacheBytesPerToken: cacheKib * 1024,
    capabilities: ['completion', 'tools'],
    ...more,
  }
}

const thinking = { capabilities: ['completion', 'tools', 'thinking'] }
const embedding = { capabilities: ['embedding'] }

/** Sizes and windows as reference pages state them; what is not here is an unknown tag. */
export const registry: readonly EmulatedModel[] = [
  model('mistral:7b', 4.1, 32_768, 128),
  model('mistral:7b-instruct-q5_K_M', 5.1, 32_768, 128, { quantization: 'Q5_K_M' }),
  model('qwen2.5-coder:7b', 4.7, 32_768, 56),
  model('qwen2.5-coder:14b', 9.0, 32_768, 192),
  model('qwen2.5-coder:32b', 20, 32_768, 256),
  model('qwen3-coder:30b', 19, 262_144, 96, { family: 'qwen3moe' }),
  model('devstral:24b', 14.3, 131_072, 160),
  model('devstral-small-2:24b', 15, 131_072, 160),
  model('codestral:22b', 13, 32_768, 224, { capabilities: ['completion'] }),
  model('gpt-oss:20b', 13.8, 131_072, 48, { ...thinking, family: 'gptoss' }),
  model('deepseek-r1:14b', 9.0, 131_072, 192, { ...thinking, family: 'qwen2' }),
  model('deepseek-r1:32b', 20, 131_072, 256, { ...thinking, family: 'qwen2' }),
  model('qwen3.5:27b', 17.4, 262_144, 64, { ...thinking, family: 'qwen35' }),
  model('llama3.3:70b', 43, 131_072, 320),
  model('nomic-embed-text:latest', 0.27, 2_048, 1, { ...embedding, family: 'nomic-bert' }),
]

/** `name` and `name:latest` are one tag. */
export function withTag(name: string): string {
  return name.includes(':') ? name : `${name}:latest`
}

/** The window a server gives when nobody asks for one, by total video memory. */
export function defaultContext(vramBytes: number): number {
  if (vramBytes >= 47 * gib) return 262_144
  return vramBytes >= 23 * gib ? 32_768 : 4_096
}

/** Share of a 16-bit cache that a quantised one takes, by `OLLAMA_KV_CACHE_TYPE`. */
export function cacheFactorOf(cacheType: string | undefined): number {
  if (cacheType === 'q8_0') return 0.5
  return cacheType === 'q4_0' ? 0.25 : 1
}

/** Bytes a loaded model takes: weights, cache for every slot's window, and about one gigabyte of buffers. */
export function loadedBytes(
  emulated: EmulatedModel,
  contextLength: number,
  parallel: number,
  cacheFactor: number,
): number {
  const cache = emulated.cacheBytesPerToken * contextLength * parallel * cacheFactor
  return Math.round(emulated.sizeBytes + cache + gib)
}
