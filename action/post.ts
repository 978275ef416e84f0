import { formatUsd, microUsdFromUsd } from '../ports/money.ts'
import { ActionError } from './error.ts'
import type { GivenBack } from './give-back.ts'
import { readInputs } from './inputs.ts'
import { createRunnerCommands, type RunnerCommands } from './runner-commands.ts'
import { reporting } from './runner.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

// Runs at the end of the job, cancelled ones too; STATE_folder stands in the environment if the step rented, or was about to.
const over = new AbortController()
const world: ActionWorld = {
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  signal: over.signal,
  parentPid: process.ppid,
}
const runner = createRunnerCommands(world)
const folder = process.env.STATE_folder
if (folder !== undefined && folder !== '') process.exitCode = await reporting(world, runner, () => post(folder))

async function post(at: string): Promise<CommandEnd> {
  const inputs = readInputs(world.env)
  if (inputs.runpodApiKey !== null) runner.mask(inputs.runpodApiKey)
  const { giveBack } = await import('./give-back.ts')
  const given = await giveBack(at, inputs, world)
  say(given, runner)
  if (given.isProvenGone) return { exitCode: 0 }
  throw new ActionError({
    code: 'not-returned',
    owner: 'operator',
    message: `A pod of this step was told to end, but its absence is not proven: ${given.podNames.join(', ')}.`,
    remedy: 'Its own guard ends it as well; look at RunPod, and run `command: reap` on a schedule.',
  })
}

function say({ podNames, reaped, costUsd, lostBecause }: GivenBack, { addSummary, annotate }: RunnerCommands): void {
  if (lostBecause !== null)
    annotate('warning', `The pod was given back before the job ended: ${lostBecause}`, { title: 'DevLoop' })
  if (podNames.length === 0) return
  const cost = costUsd === null ? 'not known here; RunPod bills it' : formatUsd(microUsdFromUsd(costUsd))
  const ended = new Map(reaped.map(({ name, reason }) => [name, reason]))
  const rows = podNames.map((name) => `| \`${name}\` | gone | ${ended.get(name) ?? 'given back by its step'} |`)
  const text = ['## DevLoop: given back', '', '| pod | | |', '|---|---|---|', ...rows, '', `Cost in all: ${cost}.`]
  addSummary(text.join('\n'))
  world.stdout(`${podNames.map((name) => `${name}: gone`).join('\n')}\nCost in all: ${cost}.\n`)
}
