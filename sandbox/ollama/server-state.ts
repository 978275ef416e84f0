import { type Clock, SandboxClock } from './clock.ts'
import { FaultScript } from './fault-script.ts'
import type { OllamaFault } from './faults.ts'
import { hasContract, Judge } from './judge.ts'
import { registry, withTag } from './models.ts'
import { Scheduler } from './scheduler.ts'
import { defaultSpeed, type OllamaOptions, type Speed } from './settings.ts'

/** One request as it was received, for tests to look at. */
export interface RecordedCall {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
  /** Set when the client left before the answer was complete. */
  aborted: boolean
}

export interface ServerState {
  readonly options: OllamaOptions
  readonly clock: Clock
  readonly speed: Speed
  readonly faults: FaultScript<OllamaFault>
  readonly scheduler: Scheduler
  readonly calls: RecordedCall[]
  readonly judge: Judge | undefined
  /** Tags on disk, with the time they came. */
  readonly onDisk: Map<string, number>
  /** Bytes of interrupted pulls that stay on disk, per tag. */
  readonly partial: Map<string, number>
}

const gib = 1024 ** 3

export function createState(options: OllamaOptions): ServerState {
  const clock = options.clock ?? new SandboxClock()
  const speed = { ...defaultSpeed, ...options.speed }
  const known = new Set(registry.map((model) => model.tag))
  const onDisk = (options.models ?? []).map(withTag).filter((tag) => known.has(tag))
  return {
    options,
    clock,
    speed,
    faults: new FaultScript(options.faults),
    scheduler: new Scheduler(
      {
        vramBytes: options.gpu?.vramBytes ?? 24 * gib,
        parallel: options.parallel ?? 1,
        maxLoaded: options.maxLoaded ?? 3,
        maxQueue: options.maxQueue ?? 512,
        keepAliveMs: options.keepAliveMs ?? 300_000,
        contextLength: options.contextLength,
        cacheFactor: options.cacheFactor ?? 1,
        loadBytesPerSecond: speed.loadBytesPerSecond,
      },
      clock,
    ),
    calls: [],
    judge: options.judge === true && hasContract() ? new Judge() : undefined,
    onDisk: new Map(onDisk.map((tag) => [tag, clock.now()])),
    partial: new Map(),
  }
}
