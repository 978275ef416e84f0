import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import type { GithubSandbox } from '../../sandbox/github/github-sandbox.ts'
import type { DemoChange } from './demo-world.ts'
import { gitDirOf, type OwnChange } from './own-change.ts'

const run = promisify(execFile)

/** The newcomer's own repository, copied into the sandbox, with a pull request for the change they named. The original is only read. */
export async function seedOwnRepository(github: GithubSandbox, own: OwnChange): Promise<DemoChange> {
  const gitDir = await gitDirOf(own.repo)
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
