import { type EngineRun, runOnEngine } from '../parts/one-shot.ts'
import { readEnvironment } from '../parts/read-environment.ts'
import type { MicroUsd } from '../ports/money.ts'
import { usageError } from './error.ts'
import { createProgress } from './progress.ts'
import type { CliWorld } from './world.ts'

export interface EngineOptions {
  readonly model?: string
  readonly engine?: string
  readonly maxCostMicroUsd?: MicroUsd
  readonly json?: boolean
}

/** Gets the engine that the options or the environment name, runs `work` on it, and gives it back on every path. */
export async function runWithEngine<T>(
  options: EngineOptions,
  world: CliWorld,
  work: (run: EngineRun) => Promise<T>,
): Promise<{ readonly value: T; readonly cost: MicroUsd }> {
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
    return await runOnEngine(
      {
        environment,
        engine:
          engine === undefined || engine === 'sandbox' ? (sandbox ? 'runpod' : environment.DEVLOOP_ENGINE) : engine,
        ...(options.model === undefined ? {} : { model: options.model }),
        ...(options.maxCostMicroUsd === undefined ? {} : { maxCostMicroUsd: options.maxCostMicroUsd }),
        ...(sandbox === undefined ? {} : { fleet: sandbox.fleet }),
        signal: world.signal,
        onPhase: (phase) => progress.say(phase.detail === '' ? phase.phase : `${phase.phase}: ${phase.detail}`),
      },
      work,
    )
  } finally {
    progress.end()
    await sandbox?.stop()
  }
}
