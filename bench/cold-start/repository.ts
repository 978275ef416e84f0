import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const PLAN = `# Plan v0.1

## Phase 1: Foundations ⏳

- [ ] T-101 Say things louder {paths: src/**}
`
const POLICY = `version: 1
governance:
  branches: {main: main, staging: null, feature: 'phase-{phase}/{slug}'}
`

export interface LocalRepository {
  readonly folder: string
  remove(): Promise<void>
}

/** A repository of so many files on a branch of phase 1, with one change that is staged. */
export async function createRepository(files: number): Promise<LocalRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-cold-'))
  const git = (...given: string[]) =>
    run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...given], { cwd: folder })
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await git('init', '--quiet', '--initial-branch=main')
  await write('.github/devloop.yml', POLICY)
  await write('DEV_MAN/active/plan_v0.1.md', PLAN)
  for (let index = 0; index < files; index += 1)
    await write(`src/part-${index % 100}/file-${index}.ts`, `export const value${index} = ${index}\n`)
  await git('add', '.')
  await git('commit', '--quiet', '--message', 'feat: say things')
  await git('switch', '--quiet', '--create', 'phase-1/louder')
  await git('commit', '--quiet', '--allow-empty', '--message', 'feat: say things louder')
  await write('src/part-0/file-0.ts', 'export const value0 = 100\n')
  await git('add', '.')
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
