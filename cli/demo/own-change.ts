import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CliError } from '../error.ts'

const run = promisify(execFile)

export interface OwnChange {
  readonly repo: string
  readonly base: string
  readonly head: string
}

/** Throws one sentence when the change cannot be shown, before anything is started for it. */
export async function assertOwnChange({ repo, base, head }: OwnChange): Promise<void> {
  await gitDirOf(repo)
  await assertBranch(repo, base)
  await assertBranch(repo, head)
}

/** Where git keeps the repository that a folder belongs to. */
export async function gitDirOf(repo: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--path-format=absolute', '--git-common-dir'], { cwd: repo })
    return stdout.trim()
  } catch (cause) {
    throw new CliError({
      code: 'not-a-repository',
      owner: 'user',
      message: `${join(repo)} is no git repository.`,
      remedy: 'Name the folder of one with --repo.',
      cause,
    })
  }
}

async function assertBranch(repo: string, branch: string): Promise<void> {
  try {
    await run('git', ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], { cwd: repo })
  } catch (cause) {
    const { stdout } = await run('git', ['branch', '--format=%(refname:short)'], { cwd: repo })
    const names = stdout.split('\n').filter((name) => name !== '')
    const known =
      names.length === 0
        ? 'it has no branches'
        : `it has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`
    throw new CliError({
      code: 'no-such-branch',
      owner: 'user',
      message: `${repo} has no branch ${branch}; ${known}.`,
      remedy: 'Name one of its branches with --base and --head.',
      cause,
    })
  }
}
