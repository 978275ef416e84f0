import { type Environment, parseEnvironment } from '../config/environment.ts'
import { installIdOf } from '../fleet/pod-name.ts'
import { repositoryName } from '../ports/ids.ts'
import { workflowError } from './error.ts'
import { repositoryOf } from './event.ts'
import type { Inputs } from './inputs.ts'
import type { ActionWorld } from './world.ts'

/**
 * The variables of the step with what `with:` says on top. A `.env` of the workspace is never read: whoever wrote the pull request wrote
 * it too, and could point the account key at a server of their own.
 */
export function environmentOf(inputs: Inputs, { env }: ActionWorld, folder: string): Environment {
  const result = parseEnvironment({
    ...env,
    RUNPOD_API_KEY: inputs.runpodApiKey ?? undefined,
    DEVLOOP_ENGINE: inputs.engine,
    DEVLOOP_DATA: folder,
    DEVLOOP_DEPLOYMENT: installIdOf(repositoryName.parse(repositoryOf(env))),
  })
  if (result.ok) return result.environment
  throw workflowError(
    'bad-input',
    result.problems.map(({ message }) => message).join(' '),
    'Correct it under `env:` of the step.',
  )
}

/** Refuses to begin what needs the account when there is no key, naming what can be done instead. */
export function requireRunpodKey(inputs: Inputs): void {
  if (inputs.engine !== 'runpod' || inputs.controller !== null || inputs.runpodApiKey !== null) return
  throw workflowError(
    'missing-input',
    `command: ${inputs.command} with the engine runpod needs the input runpod-api-key, which is empty.`,
    'Add it as a secret (in `with:`, from `secrets.RUNPOD_API_KEY`), or set engine to the address of an Ollama.',
  )
}
