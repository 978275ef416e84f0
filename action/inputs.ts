import { nearest } from '../config/nearest.ts'
import { type MicroUsd, microUsdFromUsd } from '../ports/money.ts'
import { workflowError } from './error.ts'

export const COMMANDS = ['check', 'review', 'infer', 'pod', 'reap'] as const
export type CommandName = (typeof COMMANDS)[number]

export const INPUTS = [
  'command',
  'github-token',
  'config',
  'prompt',
  'model',
  'engine',
  'runpod-api-key',
  'controller-url',
  'controller-key',
  'run',
  'max-cost-usd',
  'max-reap',
  'fail-on',
  'dry-run',
  'comment',
] as const
type InputName = (typeof INPUTS)[number]

const FAIL_ON = ['never', 'block', 'warn', 'critical', 'high', 'medium', 'low'] as const
export type FailOn = (typeof FAIL_ON)[number]

export interface Inputs {
  readonly command: CommandName
  readonly githubToken: string | null
  /** A devloop.yml of the workspace. */
  readonly config: string | null
  readonly prompt: string | null
  readonly model: string | null
  /** `runpod`, or the URL of an Ollama. */
  readonly engine: string
  readonly runpodApiKey: string | null
  readonly controller: { readonly url: string; readonly key: string } | null
  readonly run: string | null
  readonly maxCostMicroUsd: MicroUsd | null
  readonly maxReap: number
  readonly failOn: FailOn | null
  readonly dryRun: boolean
  readonly comment: boolean
}

type Env = Readonly<Record<string, string | undefined>>

/** Reads what `with:` says, as the runner hands it over. Throws one sentence that names what is known. */
export function readInputs(env: Env): Inputs {
  refuseUnknown(env)
  const text = (name: InputName) => env[variableOf(name)]?.trim() || null
  const command = oneOf('command', text('command') ?? 'check', COMMANDS, 'unknown-command')
  const controllerUrl = text('controller-url')
  const controllerKey = text('controller-key')
  if ((controllerUrl === null) !== (controllerKey === null)) {
    const [given, lacking] = controllerUrl === null ? ['key', 'url'] : ['url', 'key']
    throw workflowError(
      'missing-input',
      `The input controller-${given} is given without controller-${lacking}.`,
      'Give both, or neither; `devloop keys create` makes a key.',
    )
  }
  const failOn = text('fail-on')
  return {
    command,
    githubToken: text('github-token'),
    config: text('config'),
    prompt: text('prompt'),
    model: text('model'),
    engine: engineOf(text('engine') ?? env.DEVLOOP_ENGINE?.trim() ?? ''),
    runpodApiKey: text('runpod-api-key') ?? (env.RUNPOD_API_KEY?.trim() || null),
    controller:
      controllerUrl === null || controllerKey === null ? null : { url: webUrl(controllerUrl), key: controllerKey },
    run: text('run'),
    maxCostMicroUsd: moneyOf(text('max-cost-usd')),
    maxReap: countOf(text('max-reap')),
    failOn: failOn === null ? null : oneOf('fail-on', failOn, FAIL_ON, 'bad-input'),
    dryRun: yesOrNo('dry-run', text('dry-run'), false),
    comment: yesOrNo('comment', text('comment'), true),
  }
}

/** `INPUT_` and the name in capitals; the runner keeps dashes. */
export function variableOf(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}

function refuseUnknown(env: Env): void {
  const known = new Set(INPUTS.map(variableOf))
  const unknown = Object.keys(env).find((name) => name.startsWith('INPUT_') && !known.has(name))
  if (unknown === undefined) return
  const name = unknown.slice('INPUT_'.length).toLowerCase()
  const near = nearest(name, INPUTS)
  throw workflowError(
    'unknown-input',
    `There is no input ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
    `The inputs are ${INPUTS.join(', ')}.`,
  )
}

function oneOf<const T extends string>(
  name: InputName,
  value: string,
  known: readonly T[],
  code: 'unknown-command' | 'bad-input',
): T {
  const found = known.find((other) => other === value)
  if (found !== undefined) return found
  const near = nearest(value, known)
  throw workflowError(
    code,
    `The input ${name} is ${JSON.stringify(value)}, which is none${near === undefined ? '' : `; did you mean ${near}?`}`,
    `It may be ${known.join(', ')}.`,
  )
}

function engineOf(value: string): string {
  return value === '' || value === 'runpod' ? 'runpod' : webUrl(value, 'engine')
}

function webUrl(value: string, name: InputName = 'controller-url'): string {
  if (/^https?:\/\/[^\s/]+/.test(value)) return value.replace(/\/+$/, '')
  throw workflowError(
    'bad-input',
    `The input ${name} is ${JSON.stringify(value)}, which is no http(s) address.`,
    name === 'engine' ? 'Use runpod or the address of an Ollama.' : 'Use the address of a DevLoop server.',
  )
}

function moneyOf(value: string | null): MicroUsd | null {
  if (value === null) return null
  const usd = Number(value)
  if (Number.isFinite(usd) && usd >= 0) return microUsdFromUsd(usd)
  throw workflowError(
    'bad-input',
    `The input max-cost-usd is ${JSON.stringify(value)}, which is no amount.`,
    'Write dollars, such as 0.50.',
  )
}

function countOf(value: string | null): number {
  const count = value === null ? 20 : Number(value)
  if (Number.isInteger(count) && count > 0) return count
  throw workflowError(
    'bad-input',
    `The input max-reap is ${JSON.stringify(value)}, which is no number of pods.`,
    'Write a whole number from 1.',
  )
}

function yesOrNo(name: InputName, value: string | null, otherwise: boolean): boolean {
  if (value === null) return otherwise
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw workflowError('bad-input', `The input ${name} is ${JSON.stringify(value)}.`, 'It may be true or false.')
}
