import type { MicroUsd } from './money.ts'

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/**
 * Settings that decide how a model is loaded. They stay the same for all calls to one pod: a different value makes Ollama reload the
 * model, tens of seconds for a large one (ollama.md section 5).
 */
export interface LoadOptions {
  /** The window in tokens: prompt and answer together. */
  readonly contextTokens: number
  readonly numBatch?: number
}

export type Think = boolean | 'low' | 'medium' | 'high'

export interface ChatRequest {
  /** An Ollama tag, e.g. `qwen3-coder:30b`. */
  readonly model: string
  readonly messages: readonly ChatMessage[]
  /** A JSON Schema that the answer is sampled under; the answer is validated again by the caller. */
  readonly schema?: Readonly<Record<string, unknown>>
  readonly load: LoadOptions
  readonly maxOutputTokens: number
  readonly temperature: number
  readonly seed: number
  /** Absent: the field is not sent. */
  readonly think?: Think
  /** Our own estimate, against which a silently shortened prompt is noticed. */
  readonly estimatedPromptTokens?: number
}

export interface ChatAnswer {
  /** Only `content`; thoughts are counted but never read as an answer. */
  readonly content: string
  readonly model: string
  /** Prompt tokens, cached ones included. */
  readonly promptTokens: number
  /** Generated tokens, thinking included. */
  readonly completionTokens: number
  readonly loadMs: number
  readonly promptMs: number
  readonly evalMs: number
}

export interface ChatCall {
  readonly signal: AbortSignal
  /** Called for every piece that arrives, with what has been read so far. */
  readonly onPiece?: (piece: { readonly text: string; readonly totalChars: number }) => void
}

export interface InstalledModel {
  readonly tag: string
  readonly digest: string
  readonly sizeBytes: number
}

export interface ModelFacts {
  readonly capabilities: readonly string[]
  /** The window that the model was trained with, when the engine says it. */
  readonly trainedContextTokens: number | null
}

/** A place where models answer: any Ollama, or a guard in front of one. Throws `ModelError`. */
export interface ModelEngine {
  /** Resolves only with a whole answer (`done`, reason `stop`); everything else throws. */
  chat(request: ChatRequest, call: ChatCall): Promise<ChatAnswer>
  embed(model: string, input: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>
  listModels(signal: AbortSignal): Promise<readonly InstalledModel[]>
  showModel(tag: string, signal: AbortSignal): Promise<ModelFacts>
  version(signal: AbortSignal): Promise<string>
}

/** Where raw requests of the gateway go. */
export interface EngineAddress {
  /** Base URL without a trailing slash. */
  readonly url: string
  /** The bearer token of the guard; null for a plain Ollama. */
  readonly token: string | null
}

/** What a job asks of the fleet. */
export interface EngineDemand {
  readonly jobId: string
  /** Whose limit and fairness this counts against; null for the terminal and the controller. */
  readonly repository: string | null
  readonly user: string | null
  readonly model: string
  readonly load: LoadOptions
  /** How many calls will run side by side at most. */
  readonly slotsWanted: number
  /** No engine by then: `not-ready`. */
  readonly deadlineAt: number
  /** The most that this job may spend. */
  readonly maxCostMicroUsd: MicroUsd
  /** Told as the wait goes on; text for people. */
  readonly onPhase?: (phase: EnginePhase) => void
}

export interface EnginePhase {
  readonly phase: 'queued' | 'renting' | 'booting' | 'pulling' | 'loading' | 'ready' | 'no-capacity' | 'draining'
  readonly detail: string
  readonly at: number
}

/** Held while a job runs; a job never owns a pod. */
export interface EngineLease {
  readonly engine: ModelEngine
  readonly address: EngineAddress
  readonly model: string
  readonly digest: string | null
  /** Null when the engine is not rented by us. */
  readonly podName: string | null
  readonly gpu: string | null
  readonly microUsdPerHour: MicroUsd
  /** How many calls may run side by side. */
  readonly slots: number
  readonly readyAt: number
  /** Aborts when the pod is lost, the budget is reached, or the fence moved: stop at once. */
  readonly lost: AbortSignal
  /** What this lease has cost so far: its share of the pod's time since it was asked for. */
  costSoFar(): { readonly microUsd: MicroUsd; readonly gpuMs: number }
  /** Gives the slots back; whether the pod goes is decided by the idle policy. Safe to call twice. */
  release(): Promise<void>
}

/** Where jobs get an engine: the fleet, a fixed Ollama, or another controller. */
export interface Engines {
  /** Rejects with `PodsError`, `StoreError('budget-reached')` or `ModelError`. */
  acquire(demand: EngineDemand, signal: AbortSignal): Promise<EngineLease>
}
