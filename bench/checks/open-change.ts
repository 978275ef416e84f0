import type { GithubSandbox } from '../../sandbox/github/github-sandbox.ts'
import { DANGER_LOGIN } from './run-danger.ts'

export const CHECK = 'devloop/governance'

const PLAN = `# Plan v0.1

## Phase 1: Foundations ⏳

- [ ] T-101 Say things louder {paths: src/**}
- [ ] T-102 Say them again {paths: lib/**}

## Phase 2: Walls ⬜

- [ ] T-201 Build {paths: walls/**}
`
const POLICY = `version: 1
governance:
  branches: {main: main, staging: null, feature: 'phase-{phase}/{slug}'}
  plan: {owners: ['@ada']}
`

export interface OpenChange {
  readonly name: string
  readonly number: number
  readonly headSha: string
}

/** A repository of its own with one approved, green pull request that changes so many files and cites their task. */
export async function openChange(github: GithubSandbox, name: string, files: number): Promise<OpenChange> {
  await github.createRepository(name, {
    files: { '.github/devloop.yml': POLICY, 'DEV_MAN/active/plan_v0.1.md': PLAN, 'README.md': '# shop\n' },
    collaborators: { bob: 'write', [DANGER_LOGIN]: 'write' },
  })
  const bob = github.as('bob', name)
  const changed = Array.from({ length: files }, (_, index) => [
    `src/part-${index % 40}/file-${index}.ts`,
    bodyOf(index),
  ])
  const headSha = await bob.push('phase-1/louder', Object.fromEntries(changed), 'Say it louder')
  const { number } = await bob.openPullRequest({
    title: 'Say it louder',
    body: 'Nobody hears us.\n\nPlan: T-101',
    head: 'phase-1/louder',
    base: 'main',
  })
  await github.as('ada', name).setStatus(headSha, 'success', 'ci')
  await github.as('ada', name).approve(number)
  return { name, number, headSha }
}

function bodyOf(index: number): string {
  const lines = Array.from({ length: 12 }, (_, line) => `  say(${index}, ${line}, 'louder')`)
  return `export function louder${index}() {\n${lines.join('\n')}\n}\n`
}
