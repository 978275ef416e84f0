import { isCodedError } from '../ports/errors.ts'
import { remedyOf } from './error.ts'
import { COMMANDS, type CommandName, type Inputs, readInputs } from './inputs.ts'
import { createRunnerCommands, type RunnerCommands } from './runner-commands.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

type Command = (inputs: Inputs, world: ActionWorld, runner: RunnerCommands) => Promise<CommandEnd>

/** Each command is loaded when it is asked for: `check` needs no HTTP client, and none a model. */
const LOADERS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  check: async () => (await import('./check.ts')).check,
  review: async () => (await import('./review.ts')).review,
  infer: async () => (await import('./infer.ts')).infer,
  pod: async () => (await import('./pod.ts')).pod,
  reap: async () => (await import('./reap.ts')).reap,
}

/** Runs one step and reports what went wrong where people look: an annotation, the summary, and the exit code. */
export async function runStep(world: ActionWorld): Promise<number> {
  const runner = createRunnerCommands(world)
  return reporting(world, runner, async () => {
    const inputs = readInputs(world.env)
    for (const secret of [inputs.githubToken, inputs.runpodApiKey, inputs.controller?.key]) {
      if (secret !== null && secret !== undefined) runner.mask(secret)
    }
    const command = await LOADERS[inputs.command]()
    return command(inputs, world, runner)
  })
}

export async function reporting(
  world: ActionWorld,
  runner: RunnerCommands,
  body: () => Promise<CommandEnd>,
): Promise<number> {
  try {
    return (await body()).exitCode
  } catch (error) {
    const { message, exitCode } = describe(error, world.signal)
    runner.annotate('error', message, { title: 'DevLoop' })
    runner.setOutput('conclusion', 'error')
    runner.addSummary(`## DevLoop could not do this\n\n${message.replaceAll('<', '&lt;')}`)
    return exitCode
  }
}

function describe(error: unknown, signal: AbortSignal) {
  if (signal.aborted)
    return { message: 'The step was cancelled; everything it had started was told to end.', exitCode: 3 }
  if (isCodedError(error))
    return { message: `${error.message} ${remedyOf(error)}`.trim(), exitCode: error.owner === 'user' ? 2 : 3 }
  const message = error instanceof Error ? error.message : String(error)
  return {
    message: `An unexpected fault: ${message}. Run it again with ACTIONS_STEP_DEBUG, and report what it prints; the commands are ${COMMANDS.join(', ')}.`,
    exitCode: 3,
  }
}
