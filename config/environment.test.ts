import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { missingVariables, parseEnvironment } from './environment.ts'
import { ENVIRONMENT_VARIABLES } from './environment-variables.ts'

const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----'

function environmentOf(record: Record<string, string>) {
  const result = parseEnvironment(record)
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'))
  return result.environment
}

describe('parseEnvironment', () => {
  it('has defaults for everything but secrets', () => {
    expect(environmentOf({})).toEqual({
      GITHUB_API_URL: 'https://api.github.com',
      RUNPOD_API_URL: 'https://api.runpod.io/v2',
      RUNPOD_PROXY_URL: 'https://{podId}-{port}.proxy.runpod.net',
      DEVLOOP_ENGINE: 'runpod',
      DEVLOOP_DATA: '.devloop/',
      DEVLOOP_KEEP_DAYS: 90,
      HOST: '127.0.0.1',
      PORT: 3000,
      OTEL_TRACES_SAMPLER_ARG: 1,
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: false,
      LOG_LEVEL: 'info',
    })
  })

  it.each([
    ['as it is', PEM],
    ['with written-out line ends', PEM.replaceAll('\n', '\\n')],
    ['with CRLF', PEM.replaceAll('\n', '\r\n')],
    ['as base64', Buffer.from(PEM).toString('base64')],
  ])('reads a private key %s', (_, text) => {
    expect(environmentOf({ PRIVATE_KEY: text }).PRIVATE_KEY?.reveal()).toBe(PEM)
  })

  it('takes an empty value for absent and keeps port 0', () => {
    const environment = environmentOf({ WEBHOOK_SECRET: ' ', PORT: '0' })
    expect(environment.WEBHOOK_SECRET).toBeUndefined()
    expect(environment.PORT).toBe(0)
  })

  it.each([
    ['APP_ID', 'abc', 'APP_ID (number of the GitHub App) is "abc" and must be a whole number.'],
    ['PORT', '70000', 'PORT (port to listen on) is "70000" and must be at most 65535.'],
    [
      'WEBHOOK_SECRET',
      'development',
      'WEBHOOK_SECRET (secret that signs the webhooks) must not be the word "development", which everybody knows.',
    ],
    ['PRIVATE_KEY', 'hunter2hunter2', 'PRIVATE_KEY (private key of the App, PEM) must be a PEM private key.'],
    [
      'DEVLOOP_ENGINE',
      'ollama',
      'DEVLOOP_ENGINE ("runpod" or the URL of an Ollama) is "ollama" and must be "runpod" or the http(s) address of an Ollama.',
    ],
    [
      'DEVLOOP_DEPLOYMENT',
      'Prod',
      'DEVLOOP_DEPLOYMENT (eight signs that stand in the name of every pod) is "Prod" and must be eight signs of 0-9 and a-z.',
    ],
    [
      'DATABASE_URL',
      'mysql://root:hunter2@db',
      'DATABASE_URL (PostgreSQL; embedded in DEVLOOP_DATA when absent) must begin with postgres://.',
    ],
    [
      'RUNPOD_PROXY_URL',
      'http://x',
      'RUNPOD_PROXY_URL (template of the address of a port of a pod) is "http://x" and must contain {podId} and {port}.',
    ],
  ])('refuses a wrong %s in one sentence', (name, value, message) => {
    expect(parseEnvironment({ [name]: value })).toEqual({ ok: false, problems: [{ name, message }] })
  })

  it('never prints a secret', () => {
    const environment = environmentOf({
      RUNPOD_API_KEY: 'rpa_hunter2',
      DATABASE_URL: 'postgres://u:hunter2@db/x',
      PRIVATE_KEY: PEM,
    })
    const printed = [
      JSON.stringify(environment),
      inspect(environment, { depth: 9, showHidden: true }),
      `${environment.RUNPOD_API_KEY}`,
    ]
    for (const text of printed) expect(text).not.toMatch(/hunter2|MIIabc/u)
    expect(environment.RUNPOD_API_KEY?.reveal()).toBe('rpa_hunter2')
  })
})

describe('missingVariables', () => {
  it('names what the App and RunPod need, one sentence each', () => {
    const missing = missingVariables(environmentOf({}), { app: true, runpod: true })
    expect(missing.map((problem) => problem.name)).toEqual([
      'APP_ID',
      'PRIVATE_KEY',
      'WEBHOOK_SECRET',
      'RUNPOD_API_KEY',
    ])
    expect(missing[1]?.message).toBe(
      'PRIVATE_KEY is missing: set it to the private key of the App, PEM (or PRIVATE_KEY_PATH), in the environment or in .env.',
    )
  })

  it('asks for nothing that is not wanted, and takes a key file for the key', () => {
    expect(missingVariables(environmentOf({}), { app: false, runpod: false })).toEqual([])
    const environment = environmentOf({ APP_ID: '7', PRIVATE_KEY_PATH: 'key.pem', WEBHOOK_SECRET: 'long enough' })
    expect(missingVariables(environment, { app: true, runpod: false })).toEqual([])
  })

  it('lists every variable once', () => {
    expect(new Set(ENVIRONMENT_VARIABLES.map(({ name }) => name)).size).toBe(ENVIRONMENT_VARIABLES.length)
  })
})
