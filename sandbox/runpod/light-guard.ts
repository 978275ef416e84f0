import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../ollama/clock.ts'
import { type EmulatedModel, loadedBytes, registry, withTag } from '../ollama/models.ts'
import type { OllamaHandler } from '../ollama/start.ts'
import type { EmulatedPod } from './emulated-pod.ts'
import type { ContainerHooks } from './pod-runtime.ts'

const uses = ['/api/chat', '/api/generate', '/api/embed', '/v1/chat/completions', '/v1/embeddings']
const reads = ['/api/tags', '/api/ps', '/api/show', '/api/version', '/v1/models']
const minuteMs = 60_000

/** The guard's public routes and its dead-man's switch, on the sandbox's clock and without processes. */
export class LightGuard {
  readonly #pod: EmulatedPod
  readonly #ollama: OllamaHandler
  readonly #clock: Clock
  readonly #hooks: ContainerHooks
  readonly #startedAt: number
  readonly #deadlineAt: number
  #phase = 'starting'
  #model: string | null
  #error: string | null = null
  #settledAt: number | null = null
  #inFlight = 0
  #lastUseAt: number | null = null
  #lastHeartbeatAt: number | null = null
  #endReason: string | null = null
  #cancelStep: () => void = () => {}
  #cancelLook: () => void

  constructor(pod: EmulatedPod, ollama: OllamaHandler, clock: Clock, hooks: ContainerHooks) {
    this.#pod = pod
    this.#ollama = ollama
    this.#clock = clock
    this.#hooks = hooks
    this.#startedAt = clock.now()
    this.#deadlineAt = readTime(pod.env.GUARD_DEADLINE)
    this.#model = pod.env.GUARD_MODEL ?? null
    if (this.#model === null) this.#settledAt = this.#startedAt
    else this.#prepare(this.#model)
    this.#cancelLook = clock.after(0, () => this.#look())
  }

  stop(): void {
    this.#cancelStep()
    this.#cancelLook()
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (request.headers.authorization !== `Bearer ${this.#pod.env.GUARD_TOKEN}`) {
      send(response, 401, { error: 'This pod answers to its token only.' })
    } else if (path === '/guard/status') {
      send(response, 200, this.#status())
    } else if (path === '/guard/heartbeat' && request.method === 'POST') {
      this.#lastHeartbeatAt = this.#clock.now()
      send(response, 200, this.#status())
    } else if (path === '/guard/model' && request.method === 'POST') {
      void this.#order(request, response)
    } else if ([...uses, ...reads].includes(path) && this.#phase === 'ending') {
      send(response, 503, { error: 'This pod is ending and takes no new work.' })
    } else if ([...uses, ...reads].includes(path)) {
      if (uses.includes(path)) this.#count(response)
      this.#ollama.handle(request, response)
    } else {
      send(response, 404, { error: `The guard does not pass ${path} on.` })
    }
  }

  #count(response: ServerResponse): void {
    this.#inFlight += 1
    this.#lastUseAt = this.#clock.now()
    response.on('close', () => {
      this.#inFlight -= 1
      this.#lastUseAt = this.#clock.now()
    })
  }

  async #order(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const part of request) text += String(part)
    const { model } = parseObject(text)
    if (typeof model !== 'string') return send(response, 400, { error: 'model' })
    if (model !== this.#model || this.#phase === 'failed') this.#prepare(model)
    send(response, 202, this.#status())
  }

  #prepare(model: string): void {
    this.#model = model
    this.#settledAt = null
    this.#phase = 'pulling'
    const known = registry.find((candidate) => candidate.tag === withTag(model))
    this.#cancelStep()
    this.#cancelStep = this.#clock.after(20, () => {
      this.#phase = 'loading'
      this.#cancelStep = this.#clock.after(20, () => {
        this.#settledAt = this.#clock.now()
        this.#error = this.#problemWith(model, known)
        this.#phase = this.#error === null ? 'ready' : 'failed'
        if (known === undefined) return
        this.#ollama.state.onDisk.set(known.tag, this.#clock.now())
        this.#hooks.store.add(known.tag)
      })
    })
  }

  #problemWith(model: string, known: EmulatedModel | undefined): string | null {
    if (known === undefined) return `Pulling ${model} failed: pull model manifest: file does not exist`
    const { gpu, cacheFactor = 1 } = this.#ollama.state.options
    const vramBytes = gpu?.vramBytes ?? 0
    const { num_ctx: window } = parseObject(this.#pod.env.GUARD_LOAD_OPTIONS ?? '')
    const bytes = loadedBytes(
      known,
      Number(window ?? 4_096),
      Number(this.#pod.env.OLLAMA_NUM_PARALLEL ?? 1),
      cacheFactor,
    )
    return bytes > vramBytes
      ? `${model} does not fit into video memory: ${vramBytes} of ${bytes} bytes are on the GPU.`
      : null
  }

  #look(): void {
    const reason = this.#reasonToEnd()
    if (reason !== null) {
      this.#phase = 'ending'
      this.#endReason = reason
      if (this.#hooks.removeSelf()) return
    }
    const everyMs = reason === null ? 250 : minuteMs
    this.#cancelLook = this.#clock.after(everyMs, () => this.#look())
  }

  #reasonToEnd(): string | null {
    const now = this.#clock.now()
    const { env } = this.#pod
    if (now >= this.#deadlineAt) return 'deadline'
    const graceMs = Number(env.GUARD_BOOT_GRACE_MS ?? 25 * minuteMs)
    const heartbeatMs = Number(env.GUARD_HEARTBEAT_MS ?? 15 * minuteMs)
    if (this.#lastHeartbeatAt === null && now - this.#startedAt >= graceMs) return 'never-claimed'
    if (this.#lastHeartbeatAt !== null && now - this.#lastHeartbeatAt >= heartbeatMs) return 'heartbeat-lost'
    const restingSince = Math.max(this.#settledAt ?? now, this.#lastUseAt ?? 0)
    const isIdle = this.#inFlight === 0 && now - restingSince >= Number(env.GUARD_IDLE_MS ?? 12 * minuteMs)
    return isIdle ? 'idle' : null
  }

  #status() {
    return {
      phase: this.#phase,
      progress: this.#phase === 'pulling' ? { completedBytes: 0, totalBytes: 1 } : null,
      model: this.#model,
      modelDigest: this.#phase === 'ready' ? 'light' : null,
      ollamaVersion: '0.34.0+sandbox-stand-in',
      gpu: null,
      vram: null,
      inFlight: this.#inFlight,
      lastUseAt: this.#lastUseAt,
      startedAt: this.#startedAt,
      deadlineAt: this.#deadlineAt,
      lastHeartbeatAt: this.#lastHeartbeatAt,
      endReason: this.#endReason,
      error: this.#error,
    }
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function readTime(text: string | undefined): number {
  const value = /^\d+$/.test(text ?? '') ? Number(text) : Date.parse(text ?? '')
  if (Number.isNaN(value)) return 0
  return value < 1e11 ? value * 1_000 : value
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
