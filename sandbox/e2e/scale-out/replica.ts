import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const CLI = join(import.meta.dirname, '../../../cli/main.ts')
const LISTENS = /^DevLoop listens at (\S+)$/u
const START_LIMIT_MS = 60_000
const KEPT_LINES = 4_000

export interface ReplicaOrder {
  readonly index: number
  readonly variables: Readonly<Record<string, string>>
  /** Modules that are loaded before `devloop`, with what they are told; none for the product as it is. */
  readonly preloads: readonly URL[]
}

export interface LogLine {
  readonly level: string
  readonly time: string
  readonly msg: string
  readonly [fact: string]: unknown
}

/** One `devloop serve` process that is ended and started again. */
export class Replica {
  readonly index: number
  readonly lines: LogLine[] = []
  /** What it said besides log lines: why it did not start. */
  sentences: string[] = []
  #order: ReplicaOrder
  #child: ChildProcess | undefined
  #ended: Promise<number | null> = Promise.resolve(0)
  #url: string | null = null

  constructor(order: ReplicaOrder) {
    this.index = order.index
    this.#order = order
  }

  get order(): ReplicaOrder {
    return this.#order
  }

  /** Where it listens; null before it does and once it has ended. */
  get url(): string | null {
    return this.#url
  }

  /** The exit code of the process that was started last; null when a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended
  }

  /** Resolves when it listens; rejects with what it said when it ended before. */
  async start(change: Partial<ReplicaOrder> = {}): Promise<void> {
    this.#order = { ...this.#order, ...change }
    this.sentences = []
    const { variables, preloads } = this.#order
    const imports = preloads.flatMap((preload) => ['--import', fileURLToPath(preload)])
    const child = spawn(process.execPath, ['--max-semi-space-size=4', ...imports, CLI, 'serve'], {
      env: { PATH: process.env.PATH, NO_COLOR: '1', LOG_LEVEL: 'info', ...variables },
      cwd: variables.DEVLOOP_DATA,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    this.#ended = once(child, 'exit').then(([code]) => {
      if (this.#child === child) this.#url = null
      return code as number | null
    })
    const up = Promise.withResolvers<void>()
    createInterface({ input: child.stderr }).on('line', (line) => {
      const url = LISTENS.exec(line)?.[1]
      if (url === undefined) return this.#hear(line)
      this.#url = url
      up.resolve()
    })
    const late = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS)
    const gone = this.#ended.then((code) => {
      throw new Error(`Replica ${this.index} ended with ${code} before it listened: ${this.sentences.join(' ')}`)
    })
    await Promise.race([up.promise, gone]).finally(() => clearTimeout(late))
    gone.catch(() => {})
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** Ends it with SIGTERM, after `limitMs` with SIGKILL; answers how long it took and how it ended. */
  async drain(limitMs: number): Promise<{ readonly ms: number; readonly code: number | null }> {
    const startedAt = performance.now()
    this.signal('SIGCONT')
    this.signal('SIGTERM')
    const late = setTimeout(() => this.signal('SIGKILL'), limitMs)
    const code = await this.#ended
    clearTimeout(late)
    return { ms: Math.round(performance.now() - startedAt), code }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#ended
  }

  #hear(line: string): void {
    const parsed = parseLine(line)
    if (parsed === undefined) {
      if (line.trim() !== '' && this.sentences.length < 50) this.sentences.push(line.trim())
      return
    }
    this.lines.push(parsed)
    if (this.lines.length > KEPT_LINES) this.lines.shift()
  }
}

function parseLine(line: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'msg' in value ? (value as LogLine) : undefined
  } catch {
    return undefined
  }
}
