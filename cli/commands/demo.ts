import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { assertClone } from '../clone.ts'
import { assertOwnChange, type OwnChange } from '../demo/own-change.ts'
import { CliError, usageError } from '../error.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export interface DemoOptions {
  readonly once?: boolean
  readonly repo?: string
  readonly base?: string
  readonly head?: string
  readonly json?: boolean
}

/** `npm run demo`: the whole product against a GitHub and a RunPod on this machine. Leaves no process and no pod. */
export async function demo(options: DemoOptions, world: CliWorld): Promise<CommandResult> {
  const own = ownChange(options, world.cwd)
  assertClone()
  await assertGit()
  if (own !== undefined) await assertOwnChange(own)
  // Whoever mistyped need not wait until all of it is loaded.
  const { runDemo } = await import('../demo/run-demo.ts')
  return runDemo(own, options, world)
}

function ownChange(options: DemoOptions, cwd: string): OwnChange | undefined {
  if (options.repo === undefined) {
    if (options.base === undefined && options.head === undefined) return undefined
    throw usageError('--base and --head name a change of your own repository.', 'Add --repo DIR.')
  }
  if (options.base === undefined || options.head === undefined) {
    throw usageError('--repo needs the two branches of the change.', 'Add --base BRANCH and --head BRANCH.')
  }
  return { repo: resolve(cwd, options.repo), base: options.base, head: options.head }
}

async function assertGit(): Promise<void> {
  await promisify(execFile)('git', ['--version']).catch((cause: unknown) => {
    throw new CliError({
      code: 'missing-tool',
      owner: 'operator',
      message: 'git was not found on the PATH.',
      remedy: 'Install git (https://git-scm.com) and run it again.',
      cause,
    })
  })
}
