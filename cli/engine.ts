import type { ResolvedConfig } from '../config/resolved-config.ts'
import { isEmulated, SANDBOX_TIMINGS } from '../parts/emulated-account.ts'
import { closeHttp } from '../parts/http.ts'
import { type EngineRun, type EngineWish, runOnEngine } from '../parts/one-shot.ts'
import { readEnvironment } from '../parts/read-environment.ts'
import { readServerConfig } from '../parts/server-config.ts'
import type { MicroUsd } from '../ports/money.ts'
import { usageError } from './error.ts'
import { createProgress, type Progress } from './progress.ts'
import type { CliWorld } from './world.ts'

/** As many as a job of the server is given. */
const MOST_LOST_PODS = 2

export interface EngineOptions {
  readonly model?: string
  readonly engine?: string
  readonly maxCostMicroUsd?: MicroUsd
  readonly config?: ResolvedConfig
  readonly json?: boolean
}

/** Gets the engine that the options or the environment name, runs `work` on it, and gives it back on every path. */
export function runWithEngine<T>(
  options: EngineOptions,
  world: CliWorld,
  work: (run: EngineRun) => Promise<T>,
): Promise<{ readonly value: T; readonly cost: MicroUsd }> {
  return withEngineWish(options, world, (wish) => runOnEngine({ ...wish, mostLostPods: MOST_LOST_PODS }, work))
}

/** Says which engine is meant, shows how it comes and goes, and ends on every path what was started for it here. */
export async function withEngineWish<T>(
  options: EngineOptions,
  world: CliWorld,
  work: (wish: EngineWish, progress: Progress) => Promise<T>,
): Promise<T> {
  const engine = options.engine
  if (engine !== undefined && engine !== 'runpod' && engine !== 'sandbox' && !/^https?:\/\//.test(engine)) {
    throw usageError(
      `--engine ${engine} is none.`,
      'Use runpod, sandbox, or the URL of an Ollama such as http://127.0.0.1:11434.',
    )
  }
  const progress = createProgress(world, options.json === true)
  const sandbox = engine === 'sandbox' ? await (await import('./sandbox-engine.ts')).startSandboxEngine() : undefined
  try {
    const environment = readEnvironment({ ...world.env, ...sandbox?.variables }, world.cwd)
    const wish: EngineWish = {
      // What ends the command is its last line; unless somebody asks for more, the way there is told by the progress.
      environment: environment.LOG_LEVEL === 'info' ? { ...environment, LOG_LEVEL: 'error' } : environment,
      config: options.config ?? (await readServerConfig(environment, world.cwd)),
      engine: sandbox === undefined ? (engine ?? environment.DEVLOOP_ENGINE) : 'runpod',
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.maxCostMicroUsd === undefined ? {} : { maxCostMicroUsd: options.maxCostMicroUsd }),
      ...(isEmulated(environment) ? { fleet: { timings: SANDBOX_TIMINGS } } : {}),
      signal: world.signal,
      onPhase: (phase) => progress.say(phase.detail === '' ? phase.phase : `${phase.phase}: ${phase.detail}`),
    }
    return await work(wish, progress)
  } finally {
    progress.end()
    await sandbox?.stop()
    await closeHttp()
  }
}
