import { type ReapResult, reap as reapPods } from '../fleet/reap.ts'
import { openAccount } from '../parts/account.ts'
import { absenceMsOf } from './emulated-account.ts'
import { closingHttp } from './engine-wish.ts'
import { environmentOf } from './environment.ts'
import { workflowError } from './error.ts'
import type { Inputs } from './inputs.ts'
import { isAlive } from './is-alive.ts'
import type { RunnerCommands } from './runner-commands.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

const PROVE_MS = 90_000

/** `command: reap`: the scheduled janitor. Ends this repository's pods that are past the deadline in their names; needs no database. */
export async function reap(inputs: Inputs, world: ActionWorld, runner: RunnerCommands): Promise<CommandEnd> {
  if (inputs.runpodApiKey === null)
    throw workflowError(
      'missing-input',
      'command: reap needs the input runpod-api-key, which is empty.',
      'Add it as a secret (in `with:`, from `secrets.RUNPOD_API_KEY`).',
    )
  // The runner's disk is fresh: no journal, only names.
  const environment = environmentOf(inputs, world, world.env.RUNNER_TEMP ?? '.')
  const account = await openAccount(environment)
  const order = {
    installId: account.installId,
    journal: [],
    isAlive,
    all: false,
    olderThanMs: null,
    maxReap: inputs.maxReap,
    dryRun: inputs.dryRun,
    proveMs: PROVE_MS,
    absenceMs: absenceMsOf(environment),
  }
  const result = await closingHttp(() => reapPods(account, order, world.signal))
  return say(result, inputs, account.installId, world, runner)
}

function say(
  result: ReapResult,
  { dryRun }: Inputs,
  installId: string,
  world: ActionWorld,
  runner: RunnerCommands,
): CommandEnd {
  const unproven = dryRun ? [] : result.ended.filter(({ isProvenGone }) => !isProvenGone)
  const rows = [
    ...result.ended.map(({ name, reason, isProvenGone }) => [
      name,
      dryRun ? 'would end' : isProvenGone ? 'gone' : 'told to end',
      reason,
    ]),
    ...result.kept.map(({ name }) => [name, 'kept', 'its deadline is not over']),
  ]
  const headline =
    rows.length === 0
      ? `Nothing of this repository (${installId}) is rented.`
      : `${result.ended.length} ${dryRun ? 'would be ended' : 'ended'}, ${result.kept.length} kept.`
  world.stdout(`${headline}\n${rows.map((row) => `${row.join('  ')}\n`).join('')}`)
  const table = rows.map((row) => `| \`${row[0]}\` | ${row[1]} | ${row[2]} |`)
  runner.addSummary(
    [
      '## DevLoop: reap',
      '',
      headline,
      ...(rows.length === 0 ? [] : ['', '| pod | | why |', '|---|---|---|', ...table]),
    ].join('\n'),
  )
  for (const { name } of unproven)
    runner.annotate('error', `${name} was told to end, but still stands in RunPod's list; the next run tries again.`)
  if (result.left > 0)
    runner.annotate('warning', `${result.left} more are due than max-reap allows; the next run takes them.`)
  const isClean = result.left === 0 && unproven.length === 0
  runner.setOutput('findings', String(result.ended.length))
  runner.setOutput('outcome', isClean ? 'clean' : 'partial')
  runner.setOutput('conclusion', isClean ? 'success' : 'failure')
  return { exitCode: isClean ? 0 : 1 }
}
