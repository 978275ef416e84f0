import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import type { PlanMove } from '../governance/plan/bump.ts'
import { parsePlan } from '../governance/plan/parse.ts'
import type { Plan } from '../governance/plan/plan.ts'
import { CliError } from './error.ts'

const POLICY_PATH = '.github/devloop.yml'
const DEFAULT_PLAN_DIR = 'DEV_MAN'

export interface PlanHome {
  /** Absolute path of the repository's root. */
  readonly root: string
  /** The planning hub, relative to the root. */
  readonly dir: string
}

/** Where plans live in a repository: what its devloop.yml says, else `DEV_MAN`. */
export async function findPlanHome(repo: string, cwd: string): Promise<PlanHome> {
  const root = resolve(cwd, repo)
  if (!existsSync(root)) {
    throw new CliError({
      code: 'not-a-repository',
      owner: 'user',
      message: `There is no folder ${root}.`,
      remedy: 'Name an existing repository with --repo.',
    })
  }
  const policy = join(root, POLICY_PATH)
  if (!existsSync(policy)) return { root, dir: DEFAULT_PLAN_DIR }
  const parsed = parsePolicyFile(await readFile(policy, 'utf8'))
  return { root, dir: parsed.ok ? (parsed.config.governance.plan.dir ?? DEFAULT_PLAN_DIR) : DEFAULT_PLAN_DIR }
}

/** The one active plan. Throws one sentence when there is none, or more than one. */
export async function readActivePlan(home: PlanHome): Promise<Plan> {
  const folder = join(home.dir, 'active')
  const names = existsSync(join(home.root, folder))
    ? (await readdir(join(home.root, folder))).filter((name) => name.endsWith('.md'))
    : []
  const [name] = names
  if (name === undefined) {
    throw new CliError({
      code: 'not-found',
      owner: 'user',
      message: `${folder}/ holds no plan.`,
      remedy: '`devloop plan new` writes one.',
    })
  }
  if (names.length > 1) {
    throw new CliError({
      code: 'not-found',
      owner: 'user',
      message: `${folder}/ holds ${names.length} plans (${names.join(', ')}); exactly one may be active.`,
      remedy: `Move the others to ${home.dir}/completed/.`,
    })
  }
  const path = join(folder, name)
  return parsePlan(await readFile(join(home.root, path), 'utf8'), path)
}

/** Carries out moves, then writes; `git mv` where git knows the file, so that history follows it. */
export async function applyPlanMove(root: string, change: PlanMove): Promise<void> {
  for (const { from, to } of change.moves) {
    await mkdir(dirname(join(root, to)), { recursive: true })
    await promisify(execFile)('git', ['mv', '--', from, to], { cwd: root }).catch(() =>
      rename(join(root, from), join(root, to)),
    )
  }
  for (const { path, text } of change.writes) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}
