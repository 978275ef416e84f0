import { type BumpStep, bumpPlan, type PlanMoveResult } from '../../governance/plan/bump.ts'
import { completePlan, newPlanText } from '../../governance/plan/complete.ts'
import { hashPlan } from '../../governance/plan/hash.ts'
import { currentPhase, type Phase, type PhaseState, type Plan } from '../../governance/plan/plan.ts'
import { formatVersion, planFileName } from '../../governance/plan/version.ts'
import { CliError } from '../error.ts'
import { applyPlanMove, findPlanHome, readActivePlan } from '../plan-files.ts'
import { type Paint, painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

interface PlanOptions {
  readonly repo: string
  readonly json?: boolean
  readonly dryRun?: boolean
}

const MARKS: Readonly<Record<PhaseState, string>> = { done: '✔', current: '▶', open: '·' }
const FIRST_VERSION = { major: 0, minor: 1, patch: 0 } as const

/** `devloop plan status`: phases and tasks, as the rules read them. */
export async function planStatus(options: PlanOptions, world: CliWorld): Promise<CommandResult> {
  const plan = await readActivePlan(await findPlanHome(options.repo, world.cwd))
  if (options.json) world.stdout(`${JSON.stringify(statusOf(plan))}\n`)
  else world.stdout(renderStatus(plan, painter(world)))
  for (const problem of plan.problems) world.stderr(`${problem.path}:${problem.line}: ${problem.message}\n`)
  return { exitCode: plan.problems.length > 0 ? 1 : 0 }
}

export async function planNew(title: string, options: PlanOptions, world: CliWorld): Promise<CommandResult> {
  const home = await findPlanHome(options.repo, world.cwd)
  const existing = await readActivePlan(home).catch(() => undefined)
  if (existing) {
    throw new CliError({
      code: 'usage',
      owner: 'user',
      message: `${existing.path} is active already.`,
      remedy: '`devloop plan complete` archives it and begins the next.',
    })
  }
  const text = newPlanText({ title, version: FIRST_VERSION, today: today() })
  const path = `${home.dir}/active/${planFileName(FIRST_VERSION)}`
  return carryOut(home.root, { ok: true, moves: [], writes: [{ path, text }], version: FIRST_VERSION }, options, world)
}

export async function planBump(
  options: PlanOptions & { readonly kind: BumpStep },
  world: CliWorld,
): Promise<CommandResult> {
  const home = await findPlanHome(options.repo, world.cwd)
  return carryOut(home.root, bumpPlan(await readActivePlan(home), options.kind, today()), options, world)
}

export async function planComplete(options: PlanOptions, world: CliWorld): Promise<CommandResult> {
  const home = await findPlanHome(options.repo, world.cwd)
  const plan = await readActivePlan(home)
  const title = plan.title.replace(/(?<!\s)\s*[–—-]\s*Plan\b.*$/iu, '')
  return carryOut(home.root, completePlan(plan, { title, today: today() }), options, world)
}

async function carryOut(
  root: string,
  result: PlanMoveResult,
  options: PlanOptions,
  world: CliWorld,
): Promise<CommandResult> {
  if (!result.ok) {
    if (options.json)
      world.stdout(`${JSON.stringify({ error: { code: 'refused', message: result.problem, remedy: '' } })}\n`)
    else world.stderr(`devloop: ${result.problem}.\n`)
    return { exitCode: 1 }
  }
  if (!options.dryRun) await applyPlanMove(root, result)
  const { moves, writes, version } = result
  if (options.json) {
    world.stdout(
      `${JSON.stringify({ version: formatVersion(version), moves, writes: writes.map(({ path }) => path), dryRun: options.dryRun === true })}\n`,
    )
    return { exitCode: 0 }
  }
  const would = options.dryRun ? 'would ' : ''
  const moved = new Set(moves.map(({ to }) => to))
  for (const { from, to } of moves) world.stdout(`${would}move   ${from} → ${to}\n`)
  for (const { path } of writes.filter(({ path }) => !moved.has(path))) world.stdout(`${would}write  ${path}\n`)
  return { exitCode: 0 }
}

function statusOf(plan: Plan) {
  const phase = currentPhase(plan)
  return {
    version: plan.version === null ? null : formatVersion(plan.version),
    date: plan.date,
    phase: phase?.number ?? null,
    phases: plan.phases.map(({ number, title, state, tasks }) => ({
      number,
      title,
      state,
      tasks: tasks.map(({ id, text, done, paths, depends }) => ({ id, text, done, paths, depends })),
    })),
    hash: hashPlan(plan),
  }
}

function renderStatus(plan: Plan, paint: Paint): string {
  const version = plan.version === null ? 'no version' : `v${formatVersion(plan.version)}`
  const head = `${paint('strong', plan.title)}  ${version}${plan.date === null ? '' : `  ${paint('dim', plan.date)}`}\n`
  return [head, ...plan.phases.map((phase) => renderPhase(phase, paint))].join('\n')
}

function renderPhase(phase: Phase, paint: Paint): string {
  const done = phase.tasks.filter((task) => task.done).length
  const tone = phase.state === 'done' ? 'good' : phase.state === 'current' ? 'accent' : 'dim'
  const count = phase.tasks.length === 0 ? '' : paint('dim', `  ${done}/${phase.tasks.length}`)
  const head = `${paint(tone, `${MARKS[phase.state]} Phase ${phase.number}`)} ${phase.title}${count}\n`
  if (phase.tasks.length === 0) return head
  const rows = phase.tasks.map((task) => [
    `   ${task.done ? paint('good', '☑') : '☐'}`,
    task.id ?? paint('dim', '–'),
    task.text,
  ])
  return `${head}${table(rows)}\n`
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}
