import { z } from 'zod'
import { formatUsd, microUsdFromUsd } from '../ports/money.ts'
import { requireRunpodKey } from './environment.ts'
import type { Inputs } from './inputs.ts'
import { readConfig } from './read-config.ts'
import { readGatewayEnd } from './gateway/report.ts'
import { makeRunFolder } from './run-folder.ts'
import { runScript } from './run-script.ts'
import type { RunnerCommands } from './runner-commands.ts'
import { sayCost, warnOfUnkeptLimit } from './said-cost.ts'
import { type GatewayReady, type StartedGateway, startGateway } from './start-gateway.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

const FOLLOWING = 'Following steps may use it; the post step gives it back and says what it cost in all.'
/** As long as the gateway itself waits for the proof, and some. */
const GIVE_BACK_MS = 120_000

/** `command: pod`: a pod for the steps of this job, behind a gateway on loopback; `post` gives it back. */
export async function pod(inputs: Inputs, world: ActionWorld, runner: RunnerCommands): Promise<CommandEnd> {
  requireRunpodKey(inputs)
  const config = readConfig(inputs, world)
  if (inputs.dryRun) {
    const most = formatUsd(inputs.maxCostMicroUsd ?? config.budget.perJobMicroUsd)
    const text = `Dry run: would get ${inputs.model ?? config.review.model} from ${inputs.controller?.url ?? inputs.engine} for at most ${most}. Nothing was rented, and \`run\` was not started.`
    world.stdout(`${text}\n`)
    runner.addSummary(text)
    runner.setOutput('conclusion', 'neutral')
    runner.setOutput('cost-usd', '0')
    return { exitCode: 0 }
  }
  warnOfUnkeptLimit(inputs, runner)
  const folder = makeRunFolder(world, runner)
  const gateway = await startGateway(world, folder)
  const variables = exportAddresses(gateway.ready, world, runner)
  try {
    const exitCode = inputs.run === null ? 0 : await runInside(inputs.run, variables, world, gateway)
    const costUsd = await costSoFar(gateway.ready)
    const cost = sayCost(inputs, microUsdFromUsd(costUsd), runner)
    runner.setOutput('outcome', exitCode === 0 ? 'success' : 'failure')
    runner.setOutput('conclusion', exitCode === 0 ? 'success' : 'failure')
    say(gateway.ready, inputs.run === null ? 'none' : `exit ${exitCode}`, cost, FOLLOWING, runner)
    if (exitCode !== 0) runner.annotate('error', `\`run\` ended with exit code ${exitCode}.`, { title: 'DevLoop' })
    return { exitCode }
  } catch (error) {
    if (gateway.lost.aborted) await sayLoss(gateway, folder, inputs, runner)
    throw error
  } finally {
    if (world.signal.aborted) gateway.stop()
    gateway.release()
  }
}

function exportAddresses({ url, key, podName }: GatewayReady, world: ActionWorld, runner: RunnerCommands) {
  runner.mask(key)
  if (podName !== null) runner.setOutput('pod-name', podName)
  const variables = {
    // Ollama's own clients know no tokens, but keep the path.
    OLLAMA_HOST: `${url}/${key}`,
    OPENAI_BASE_URL: `${url}/${key}/v1`,
    CONTROLLER_URL: url,
    CONTROLLER_KEY: key,
    // OpenAI's clients refuse to start without one.
    ...(world.env.OPENAI_API_KEY ? {} : { OPENAI_API_KEY: key }),
  }
  for (const [name, value] of Object.entries(variables)) runner.exportVariable(name, value)
  return variables
}

async function runInside(
  script: string,
  variables: Readonly<Record<string, string>>,
  world: ActionWorld,
  gateway: StartedGateway,
): Promise<number> {
  // The account key and the token are for us.
  const own = Object.entries(world.env).filter(([name]) => !name.startsWith('INPUT_') && name !== 'RUNPOD_API_KEY')
  const exitCode = await runScript(script, {
    env: { ...Object.fromEntries(own), ...variables },
    cwd: world.env.GITHUB_WORKSPACE ?? '.',
    signal: AbortSignal.any([world.signal, gateway.lost]),
  })
  world.signal.throwIfAborted()
  if (gateway.lost.aborted) throw gateway.lost.reason
  return exitCode
}

const status = z.object({ costUsd: z.number() })

async function costSoFar({ url, key }: GatewayReady): Promise<number> {
  const headers = { authorization: `Bearer ${key}` }
  const response = await fetch(`${url}/status`, { headers, signal: AbortSignal.timeout(5_000) })
  return status.parse(await response.json()).costUsd
}

/** The engine went away under `run`: once it is given back, what it cost in all. */
async function sayLoss(
  { ready, ended }: StartedGateway,
  folder: string,
  inputs: Inputs,
  runner: RunnerCommands,
): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, GIVE_BACK_MS).unref())
  await Promise.race([ended, late])
  const costUsd = readGatewayEnd(folder)?.costUsd
  runner.setOutput('outcome', 'failed')
  const cost = costUsd === undefined ? 'not known yet' : sayCost(inputs, microUsdFromUsd(costUsd), runner)
  say(ready, 'stopped', cost, '', runner)
}

function say(ready: GatewayReady, run: string, cost: string, what: string, runner: RunnerCommands): void {
  const { podName, gpu, model } = ready
  runner.addSummary(
    [
      '## DevLoop: a pod for this job',
      '',
      '| pod | GPU | model | `run` | cost so far |',
      '|---|---|---|---|---:|',
      `| ${podName ?? 'none rented'} | ${gpu ?? '-'} | ${model} | ${run} | ${cost} |`,
      '',
      podName === null ? '' : what,
    ].join('\n'),
  )
}
