import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Environment, missingVariables } from '../config/environment.ts'
import { ENVIRONMENT_VARIABLES } from '../config/environment-variables.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { openAccount } from '../parts/account.ts'
import { openGithubApp } from '../parts/github-app.ts'
import { openLocalStore } from '../parts/local-store.ts'
import { isCodedError, StoreError } from '../ports/errors.ts'
import { formatUsd, usdFromMicroUsd } from '../ports/money.ts'
import { findKnownModel } from '../review/models.ts'

export interface Diagnosis {
  readonly name: string
  readonly state: 'good' | 'warning' | 'wrong' | 'unset'
  readonly message: string
  readonly remedy: string
}

export interface Patient {
  readonly environment: Environment
  readonly config: ResolvedConfig
  readonly signal: AbortSignal
}

const LOW_BALANCE_MICRO_USD = 2_000_000
const REACH_TIMEOUT_MS = 10_000

/** Every variable, set or not; a secret's value is never shown. */
export function variableLines({ environment }: Patient): readonly Diagnosis[] {
  const wants = { app: true, runpod: environment.DEVLOOP_ENGINE === 'runpod' }
  const missing = new Map(missingVariables(environment, wants).map(({ name, message }) => [name, message]))
  return ENVIRONMENT_VARIABLES.map(({ name, secret, says }) => {
    const lack = missing.get(name)
    if (lack !== undefined) return { name, state: 'wrong', message: 'is not set', remedy: lack }
    const value = environment[name]
    if (value === undefined) return { name, state: 'unset', message: `not set: ${says}`, remedy: '' }
    return { name, state: 'good', message: secret ? 'is set' : String(value), remedy: '' }
  })
}

/** Runs one check; its error is the diagnosis. */
export async function diagnose(name: string, look: () => Promise<Diagnosis>): Promise<Diagnosis> {
  try {
    return await look()
  } catch (error) {
    const isCoded = isCodedError(error)
    return {
      name,
      state: 'wrong',
      message: error instanceof Error ? error.message : String(error),
      remedy: isCoded ? error.remedy : 'Run `LOG_LEVEL=debug devloop doctor` to see more.',
    }
  }
}

const manifest = z.object({ default_permissions: z.record(z.string(), z.enum(['read', 'write'])) })

export async function appLine({ environment }: Patient): Promise<Diagnosis> {
  const name = 'GitHub App'
  const app = openGithubApp(environment)
  if (app === null)
    return {
      name,
      state: 'wrong',
      message: 'has no credentials',
      remedy: 'Set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET.',
    }
  const { slug, permissions } = await app.identity()
  const file = await readFile(join(import.meta.dirname, '..', 'app.yml'), 'utf8')
  const wanted = manifest.parse(parse(file)).default_permissions
  const lacking = Object.entries(wanted).filter(
    ([right, level]) =>
      permissions[right] !== level && permissions[right] !== 'write' && permissions[right] !== 'admin',
  )
  if (lacking.length === 0) return { name, state: 'good', message: `${slug} has every permission it needs`, remedy: '' }
  const list = lacking.map(([right, level]) => `${right}: ${level}`).join(', ')
  return {
    name,
    state: 'wrong',
    message: `${slug} lacks ${list}`,
    remedy:
      'Grant them on the settings page of the App (Permissions & events), then accept them where it is installed.',
  }
}

export async function webhookLine({ environment, signal }: Patient): Promise<Diagnosis> {
  const name = 'webhook'
  const { PUBLIC_URL: url } = environment
  if (url === undefined) {
    const remedy = 'Set PUBLIC_URL to the address GitHub reaches the server at.'
    return { name, state: 'warning', message: 'PUBLIC_URL is not set, so reachability is unknown', remedy }
  }
  const answer = await fetch(new URL('/healthz', url), {
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(REACH_TIMEOUT_MS)]),
  }).catch(() => undefined)
  if (answer?.ok) return { name, state: 'good', message: `a server answers at ${url}`, remedy: '' }
  const said = answer === undefined ? 'nothing answers' : `something answers ${answer.status}`
  return { name, state: 'wrong', message: `${said} at ${url}`, remedy: 'Start the server, or correct PUBLIC_URL.' }
}

export async function runpodLine({ environment, config, signal }: Patient): Promise<Diagnosis> {
  const name = 'RunPod'
  const { provider, market } = await openAccount(environment)
  const [pods, offers, balance] = await Promise.all([
    provider.list(signal),
    market.offers(signal),
    market.balance(signal),
  ])
  const wanted = offers.filter(({ gpu }) => config.fleet.gpus.includes(gpu))
  const stock = wanted.filter((offer) => offer.stock !== 'NONE')
  const money = balance === null ? 'balance unknown' : `balance ${formatUsd(balance)}`
  const facts = `the key works, ${money}, ${pods.length} rented`
  if (balance !== null && balance < LOW_BALANCE_MICRO_USD)
    return {
      name,
      state: 'wrong',
      message: facts,
      remedy: 'Add credit at RunPod; pods end when the balance is used up.',
    }
  if (stock.length > 0) {
    const list = stock.map(({ gpu, stock: level }) => `${gpu} ${level ?? 'in stock'}`).join(', ')
    return { name, state: 'good', message: `${facts}; ${list}`, remedy: '' }
  }
  const remedy = 'Wait, or name more candidates under fleet.gpus in devloop.yml.'
  return { name, state: 'warning', message: `${facts}; no ${config.fleet.gpus.join(' or ')} in stock`, remedy }
}

export async function engineLine({ environment, signal }: Patient): Promise<Diagnosis> {
  const url = environment.DEVLOOP_ENGINE
  const answer = await fetch(`${url.replace(/\/+$/, '')}/api/version`, {
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(REACH_TIMEOUT_MS)]),
  }).catch(() => undefined)
  return answer?.ok
    ? { name: 'engine', state: 'good', message: `an Ollama answers at ${url}`, remedy: '' }
    : {
        name: 'engine',
        state: 'wrong',
        message: `no Ollama answers at ${url}`,
        remedy: 'Start it, or correct DEVLOOP_ENGINE.',
      }
}

export async function modelLine({ config }: Patient): Promise<Diagnosis> {
  const { model } = config.review
  const known = findKnownModel(model)
  if (known === undefined) {
    const remedy = 'Check the tag at ollama.com; qwen3-coder:30b is the usual one.'
    return {
      name: 'model',
      state: 'warning',
      message: `${model} is not in the table, so nothing is known of it`,
      remedy,
    }
  }
  const faults = known.faults.length === 0 ? '' : `; known: ${known.faults.join('; ')}`
  return known.on24Gb === 'too-large'
    ? { name: 'model', state: 'wrong', message: `${model} does not fit a 24 GB card`, remedy: 'Choose a smaller one.' }
    : { name: 'model', state: 'good', message: `${model}, ${known.sizeGb ?? '?'} GB${faults}`, remedy: '' }
}

export async function databaseLine({ environment }: Patient): Promise<Diagnosis> {
  const opened = await openLocalStore(environment).catch((error: unknown) => {
    if (error instanceof StoreError && error.code === 'locked') return null
    throw error
  })
  if (opened === null)
    return {
      name: 'database',
      state: 'good',
      message: `embedded in ${environment.DEVLOOP_DATA} is held by a running DevLoop, so nobody else can look into it`,
      remedy: '',
    }
  try {
    const spent = usdFromMicroUsd(await opened.store.ledger.spent(0))
    const where = environment.DATABASE_URL === undefined ? `embedded in ${environment.DEVLOOP_DATA}` : 'PostgreSQL'
    return { name: 'database', state: 'good', message: `${where} opens, $${spent.toFixed(2)} on record`, remedy: '' }
  } finally {
    await opened.close()
  }
}
