import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pullRequestEvent } from '../../../../action/__support__/events.ts'
import { Step, type StepEnd } from '../../../../action/__support__/run-action.ts'
import { startOllama } from '../../../ollama/start.ts'
import { type Canary, shapeless } from './canary.ts'
import type { Evidence } from './find-hits.ts'
import type { LeakyChange } from './leaky-change.ts'
import { readFiles } from './read-database.ts'
import type { SweepWorld } from './sweep-world.ts'

const MODEL = 'qwen2.5-coder:7b'

export interface WorkflowSeen {
  readonly evidence: readonly Evidence[]
  /** The lines that tell the runner what to hide: it takes them out of the log. */
  readonly hidden: readonly Evidence[]
  readonly canaries: readonly Canary[]
}

/** Steps of a workflow that are given every secret, in their good and their bad days: what they say, write and leave behind. */
export async function runSteps(world: SweepWorld, change: LeakyChange): Promise<WorkflowSeen> {
  const { github, installation, variables, vendors } = world
  const ollama = await startOllama({ models: [MODEL] })
  const controllerKey = shapeless()
  const token = github.createInstallationToken(installation)
  const evidence: Evidence[] = []
  const hidden: Evidence[] = []
  const canaries: Canary[] = [
    { name: 'controller-key', value: controllerKey },
    { name: 'github-token', value: token },
  ]
  const { headSha, number, repository } = change
  const baseSha = execFileSync('git', ['-C', repository.gitDir, 'rev-parse', 'main'], { encoding: 'utf8' }).trim()
  const event = JSON.stringify(pullRequestEvent({ number, headSha, baseSha })).replaceAll('acme/shop', change.name)

  async function run(name: string, inputs: Readonly<Record<string, string>>): Promise<void> {
    const step = new Step({
      inputs: { model: MODEL, 'github-token': token, 'runpod-api-key': variables.RUNPOD_API_KEY ?? '', ...inputs },
      event: JSON.parse(event),
      env: {
        GITHUB_REPOSITORY: change.name,
        GITHUB_API_URL: vendors.github.url,
        RUNPOD_API_URL: variables.RUNPOD_API_URL ?? '',
        RUNPOD_PROXY_URL: variables.RUNPOD_PROXY_URL ?? '',
      },
    })
    try {
      const ends = [await step.main(), await step.post()]
      for (const end of ends) {
        evidence.push(...evidenceOf(name, end))
        hidden.push({ source: `hidden ${name}`, text: end.masks.join('\n') })
      }
      for (const { exported } of ends)
        if (exported.CONTROLLER_KEY !== undefined)
          // Following steps need it, and the runner hides it.
          canaries.push({ name: 'key of a gateway', value: exported.CONTROLLER_KEY, mayStandIn: ['step exported'] })
      evidence.push(...(await readFiles(join(step.folder, 'temp'))))
    } finally {
      step.remove()
    }
  }

  try {
    const withKey = { 'controller-url': vendors.chat.url, 'controller-key': controllerKey, prompt: 'Say yes.' }
    await Promise.all([
      run('review', { command: 'review', engine: ollama.url }),
      run('check', { command: 'check' }),
      run('pod', { command: 'pod', run: 'env | sort > environment; curl -fsS "$OLLAMA_HOST/api/version"' }),
    ])
    vendors.runpod.echo(/pods/, 401)
    vendors.github.echo(/./, 401)
    vendors.chat.echo(/./, 403)
    await Promise.all([
      run('review', { command: 'review', engine: ollama.url }),
      run('check', { command: 'check' }),
      run('infer', { command: 'infer', prompt: 'Say yes.' }),
      run('infer', { command: 'infer', ...withKey }),
      run('reap', { command: 'reap' }),
    ])
  } finally {
    vendors.runpod.stopEchoing()
    vendors.github.stopEchoing()
    vendors.chat.stopEchoing()
    await ollama.stop()
  }
  return { evidence, hidden, canaries }
}

/** All that a step shows or hands on. */
function evidenceOf(name: string, end: StepEnd): readonly Evidence[] {
  const { outputs, state, summary, exported } = end
  return [
    { source: `step log ${name}`, text: end.log.replaceAll(/^::add-mask::.*$/gm, '') },
    { source: `step outputs ${name}`, text: JSON.stringify(outputs) },
    { source: `step state ${name}`, text: JSON.stringify(state) },
    { source: `step summary ${name}`, text: summary },
    { source: `step exported ${name}`, text: JSON.stringify(exported) },
  ]
}
