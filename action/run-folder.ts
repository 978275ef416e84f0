import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunnerCommands } from './runner-commands.ts'
import type { ActionWorld } from './world.ts'

/** Where this step keeps its journal; told to `post` before anything is rented, so that it can be found whatever happens to us. */
export function makeRunFolder({ env }: ActionWorld, runner: RunnerCommands): string {
  const folder = mkdtempSync(join(env.RUNNER_TEMP || tmpdir(), 'devloop-'))
  runner.saveState('folder', folder)
  return folder
}
