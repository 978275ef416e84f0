import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { withCheckout } from '../../parts/checkout.ts'
import { GitError } from '../../ports/git.ts'
import { type Found, initFiles, type Wanted } from '../init-files.ts'
import { LEFTHOOK_FILES } from '../init-hooks.ts'
import { type Paint, painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export interface InitOptions {
  readonly repo: string
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

type Step = 'write' | 'update' | 'keep' | 'same'

const LOCKS = { 'package-lock.json': 'npm', 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun' } as const

/** `devloop init`: looks what is there, says what it will write, and writes it. What people wrote stays, unless `--force`. */
export async function init(options: InitOptions, world: CliWorld): Promise<CommandResult> {
  const found = await lookAround(resolve(world.cwd, options.repo))
  const today = new Date().toISOString().slice(0, 10)
  const steps = initFiles(found, today).map((file) => ({ file, step: stepOf(file, options.force === true) }))
  const due = steps.filter(({ step }) => step === 'write' || step === 'update')
  if (!options.dryRun) for (const { file } of due) await writeTo(found.root, file)
  const manager = Object.entries(LOCKS).find(([name]) => existsSync(join(found.root, name)))?.[1] ?? null
  if (options.json) {
    const files = steps.map(({ file, step }) => ({ path: file.path, step }))
    const { branch, hooks } = found
    world.stdout(
      `${JSON.stringify({ branch, hooks, packageManager: manager, files, dryRun: options.dryRun === true })}\n`,
    )
    return { exitCode: 0 }
  }
  const paint = painter(world)
  world.stdout(
    `${paint('strong', found.root)}: branch ${found.branch}, hooks by ${found.hooks}, packages by ${manager ?? 'nobody'}\n\n`,
  )
  const words = { write: 'write', update: 'update', keep: 'keep', same: 'unchanged' } as const
  const tones = { write: 'good', update: 'warn', keep: 'accent', same: 'dim' } as const
  world.stdout(
    `${table(steps.map(({ file, step }) => [paint(tones[step], words[step]), file.path, step === 'keep' ? 'stands there already; --force overwrites it' : '']))}\n`,
  )
  if (options.dryRun) for (const { file } of due) world.stdout(`\n${difference(file, paint)}`)
  else if (due.length > 0)
    world.stdout(
      `\nNext: ${manager === null ? '' : `${ADD[manager]} @devloop/devloop, `}commit these files, then \`devloop check\`.\n`,
    )
  return { exitCode: 0 }
}

const ADD = {
  npm: 'npm install --save-dev',
  pnpm: 'pnpm add --save-dev',
  yarn: 'yarn add --dev',
  bun: 'bun add --dev',
} as const

function stepOf({ before, after, isSection }: Wanted, isForced: boolean): Step {
  if (before === null) return 'write'
  if (before === after) return 'same'
  return isSection || isForced ? 'update' : 'keep'
}

function lookAround(folder: string): Promise<Found> {
  return withCheckout(folder, async (git) => {
    const run = async (...args: string[]) =>
      (await promisify(execFile)('git', args, { cwd: git.root }).catch(() => ({ stdout: '' }))).stdout.trim()
    const remote = (await run('symbolic-ref', '--short', 'refs/remotes/origin/HEAD')).replace(/^origin\//, '')
    const current = await run('symbolic-ref', '--short', 'HEAD')
    const usual = ['main', 'master']
    const existing = await Promise.all(usual.map((name) => git.find(`refs/heads/${name}`)))
    const branch = remote || usual.find((_, index) => existing[index] !== null) || current
    if (branch === '') {
      throw new GitError({
        code: 'no-such-ref',
        message: `${git.root} has neither a main branch nor a current one.`,
        remedy: 'Check out the default branch first.',
        owner: 'user',
      })
    }
    const staging = (await git.find('refs/heads/dev')) ?? (await git.find('refs/remotes/origin/dev'))
    const hooksPath = await run('rev-parse', '--git-path', 'hooks')
    const active = join(git.root, 'DEV_MAN', 'active')
    return {
      root: git.root,
      branch,
      hasStaging: staging !== null,
      hooks: LEFTHOOK_FILES.some((name) => existsSync(join(git.root, name)))
        ? 'lefthook'
        : existsSync(join(git.root, '.husky'))
          ? 'husky'
          : 'git',
      hasPlan: existsSync(active) && readdirSync(active).some((name) => name.endsWith('.md')),
      hooksDir: isAbsolute(hooksPath) ? relative(git.root, hooksPath) : hooksPath || '.git/hooks',
    }
  })
}

async function writeTo(root: string, { path, after, isExecutable }: Wanted): Promise<void> {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, after)
  if (isExecutable) await chmod(file, 0o755)
}

/** The lines that go and come; what is equal before and after them is left out. */
function difference({ path, before, after }: Wanted, paint: Paint): string {
  const old = before === null ? [] : before.trimEnd().split('\n')
  const fresh = after.trimEnd().split('\n')
  let start = 0
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++
  let end = 0
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end++
  const gone = old.slice(start, old.length - end).map((line) => paint('bad', `-${line}`))
  const come = fresh.slice(start, fresh.length - end).map((line) => paint('good', `+${line}`))
  return `${[paint('strong', `--- ${before === null ? '/dev/null' : path}`), paint('strong', `+++ ${path}`), `@@ line ${start + 1} @@`, ...gone, ...come].join('\n')}\n`
}
