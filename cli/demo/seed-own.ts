import { execFile } from 'node:child_process'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { GithubSandbox } from '../../sandbox/github/github-sandbox.ts'
import { CliError } from '../error.ts'
import type { DemoChange, OwnChange } from './demo-world.ts'

const run = promisify(execFile)

/** The newcomer's own repository, copied into the sandbox, with a pull request for the change they named. The original is only read. */
export async function seedOwnRepository(github: GithubSandbox, own: OwnChange): Promise<DemoChange> {
  const gitDir = await gitDirOf(own.repo)
  await assertBranch(own.repo, own.base)
  await assertBranch(own.repo, own.head)
  const name = `acme/${basename(own.repo).replaceAll(/[^\w.-]+/g, '-') || 'repository'}`
  await github.createRepository(name, {
    fromGitDir: gitDir,
    defaultBranch: own.base,
    collaborators: { ada: 'admin', bob: 'write' },
  })
  const { stdout: subject } = await run('git', ['log', '-1', '--format=%s', own.head], { cwd: own.repo })
  const { number } = await github
    .as('bob', name)
    .openPullRequest({ title: subject.trim() || own.head, body: '', head: own.head, base: own.base })
  return { repository: name, number, asker: 'ada' }
}

async function gitDirOf(repo: string): Promise<string> {
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
