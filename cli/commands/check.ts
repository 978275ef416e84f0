import { POLICY_PATH } from '../../config/policy-schema.ts'
import type { PolicyProblem } from '../../config/parse-policy-file.ts'
import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { evaluate } from '../../governance/evaluate.ts'
import { checkJson } from '../../governance/render/check-json.ts'
import { renderTerminal } from '../../governance/render/terminal.ts'
import type { Snapshot } from '../../governance/snapshot.ts'
import type { Verdict } from '../../governance/verdict.ts'
import { usageError } from '../error.ts'
import { hasColours } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export type CheckFormat = 'text' | 'json' | 'github' | 'sarif'

export interface CheckOptions {
  readonly repo: string
  readonly base?: string
  readonly head?: string
  readonly staged?: boolean
  readonly branch?: string
  readonly facts?: string
  readonly format: CheckFormat
  readonly json?: boolean
  readonly dryRun?: boolean
}

interface Judged {
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig
  readonly problems: readonly PolicyProblem[]
}

/** `devloop check`: the verdict on a local change, or on a recorded one. Exit 1 when it holds the change. */
export async function check(options: CheckOptions, world: CliWorld): Promise<CommandResult> {
  if (options.staged && options.head !== undefined)
    throw usageError('--staged and --head name two different changes.', 'Leave one of them out.')
  const { readFacts, readLocalChange } = await import('../change.ts')
  const { snapshot, config, problems }: Judged =
    options.facts === undefined ? await readLocalChange(options, world) : await readFacts(options.facts, options, world)
  const verdict = evaluate(snapshot, config)
  const isBroken = problems.length > 0
  const shown: Verdict = isBroken ? { ...verdict, conclusion: 'failure' } : verdict
  await say(shown, problems, options, world)
  const isNo = isBroken || verdict.conclusion === 'failure' || verdict.conclusion === 'error'
  return { exitCode: isNo && !options.dryRun ? 1 : 0 }
}

async function say(
  verdict: Verdict,
  problems: readonly PolicyProblem[],
  options: CheckOptions,
  world: CliWorld,
): Promise<void> {
  const format = options.json ? 'json' : options.format
  const complaints = problems.map(({ line, column, message }) => `${POLICY_PATH}:${line}:${column}: ${message}\n`)
  switch (format) {
    case 'json':
      world.stdout(`${JSON.stringify(checkJson(verdict))}\n`)
      break
    case 'github': {
      const { renderWorkflowCommands } = await import('../../governance/render/workflow-commands.ts')
      world.stdout(renderWorkflowCommands(verdict))
      break
    }
    case 'sarif': {
      const { renderSarif } = await import('../../governance/render/sarif.ts')
      world.stdout(`${JSON.stringify(renderSarif(verdict), null, 2)}\n`)
      break
    }
    case 'text': {
      world.stdout(renderTerminal(verdict, { colours: hasColours(world) }))
    }
  }
  for (const complaint of complaints) world.stderr(complaint)
}
