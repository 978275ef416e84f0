import { oneLine } from '../governance/render/escape.ts'
import { askOnce } from '../parts/ask-once.ts'
import { runOnEngine } from '../parts/one-shot.ts'
import { formatUsd, microUsd, microUsdFromUsd, usdFromMicroUsd } from '../ports/money.ts'
import { type ControllerAnswer, inferByController } from './controller-infer.ts'
import { requireRunpodKey } from './environment.ts'
import { closingHttp, engineWishOf, type Spent } from './engine-wish.ts'
import { workflowError } from './error.ts'
import type { Inputs } from './inputs.ts'
import { readConfig } from './read-config.ts'
import { makeRunFolder } from './run-folder.ts'
import type { RunnerCommands } from './runner-commands.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

type Answer = Pick<ControllerAnswer, 'model' | 'output' | 'usage'>

/** `command: infer`: one prompt, one answer. */
export async function infer(inputs: Inputs, world: ActionWorld, runner: RunnerCommands): Promise<CommandEnd> {
  const { prompt, controller } = inputs
  if (prompt === null)
    throw workflowError('missing-input', 'command: infer needs the input prompt, which is empty.', 'Write the prompt.')
  if (inputs.dryRun) return sayDryRun(inputs, world, runner)
  if (controller !== null) {
    const { model, maxCostMicroUsd } = inputs
    const answer = await inferByController(
      controller,
      {
        prompt,
        ...(model === null ? {} : { model }),
        ...(maxCostMicroUsd === null ? {} : { maxCostUsd: usdFromMicroUsd(maxCostMicroUsd) }),
      },
      world.signal,
    )
    return say(answer, { cost: microUsdFromUsd(answer.cost.usd), podName: null }, world, runner)
  }
  requireRunpodKey(inputs)
  let spent: Spent = { cost: microUsd(0), podName: null }
  const onSpent = (end: Spent) => {
    spent = end
    tellSpent(spent, runner)
  }
  const wish = engineWishOf(inputs, world, { folder: makeRunFolder(world, runner), onSpent })
  const { value, isProvenGone } = await closingHttp(() => runOnEngine(wish, (run) => askOnce(run, prompt)))
  if (!isProvenGone)
    runner.annotate('warning', 'The pod was told to end, but its absence is not proven yet; the post step looks again.')
  return say(value, spent, world, runner)
}

function say(answer: Answer, spent: Spent, world: ActionWorld, runner: RunnerCommands): CommandEnd {
  world.stdout(`${printable(answer.output)}\n`)
  runner.setOutput('response', answer.output)
  runner.setOutput('outcome', 'answered')
  runner.setOutput('conclusion', 'success')
  tellSpent(spent, runner)
  const { promptTokens, completionTokens } = answer.usage
  runner.addSummary(
    [
      '## DevLoop: the answer',
      '',
      fenced(answer.output),
      '',
      '| model | tokens in | tokens out | cost |',
      '|---|---:|---:|---:|',
      `| ${oneLine(answer.model)} | ${promptTokens} | ${completionTokens} | ${formatUsd(spent.cost)} |`,
    ].join('\n'),
  )
  return { exitCode: 0 }
}

function tellSpent({ cost, podName }: Spent, runner: RunnerCommands): void {
  runner.setOutput('cost-usd', String(usdFromMicroUsd(cost)))
  if (podName !== null) runner.setOutput('pod-name', podName)
}

function sayDryRun(inputs: Inputs, world: ActionWorld, runner: RunnerCommands): CommandEnd {
  const config = readConfig(inputs, world)
  const text = `Dry run: would ask ${inputs.model ?? config.review.model} on ${inputs.controller?.url ?? inputs.engine}, for at most ${formatUsd(inputs.maxCostMicroUsd ?? config.budget.perJobMicroUsd)}. Nothing was rented.`
  world.stdout(`${text}\n`)
  runner.addSummary(text)
  runner.setOutput('conclusion', 'neutral')
  runner.setOutput('cost-usd', '0')
  return { exitCode: 0 }
}

/** The runner reads `::` at the start of a line as a command; a model gives none. */
function printable(text: string): string {
  return text.trimEnd().replaceAll(/^([^\S\n]*)(::|##\[)/gm, '$1\u200b$2')
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text.slice(0, 60_000)}\n${fence}`
}
