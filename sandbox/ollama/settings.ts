import type { Clock } from './clock.ts'
import type { OllamaFault } from './faults.ts'

/** How fast the emulated machine is. `Infinity` costs no time. */
export interface Speed {
  readonly pullBytesPerSecond: number
  readonly loadBytesPerSecond: number
  readonly promptTokensPerSecond: number
  readonly tokensPerSecond: number
}

/** How an emulated Ollama is set up; every field has a default. */
export interface OllamaOptions {
  readonly port?: number
  readonly gpu?: { readonly vramBytes: number }
  readonly speed?: Partial<Speed>
  readonly clock?: Clock
  readonly faults?: readonly OllamaFault[]
  /** A real Ollama to pass everything on to. */
  readonly engineUrl?: string
  /** Models on disk from the start; others must be pulled. */
  readonly models?: readonly string[]
  /** Called with each tag that a pull has brought. */
  readonly onPulled?: (tag: string) => void
  readonly parallel?: number
  readonly maxLoaded?: number
  readonly maxQueue?: number
  readonly keepAliveMs?: number
  readonly contextLength?: number
  /** 1 for 16-bit, 0.5 for q8_0, 0.25 for q4_0. */
  readonly cacheFactor?: number
  /** Answers 403 to a foreign `Host`, as a server bound to a loopback address does. Default true. */
  readonly checkHost?: boolean
  /** Models whose template the inner server renders itself: it refuses a long prompt instead of cutting it. */
  readonly selfRendered?: readonly string[]
  /** Judge both bodies of each call by the vendor's document, where it is present. Default false. */
  readonly judge?: boolean
  /** How bytes leave: a line at a time (default), seven bytes at a time, or three lines at once. */
  readonly chunks?: 'lines' | 'bytes' | 'joined'
}

export const defaultSpeed: Speed = {
  pullBytesPerSecond: 60e9,
  loadBytesPerSecond: 200e9,
  promptTokensPerSecond: 60_000,
  tokensPerSecond: 6_000,
}
