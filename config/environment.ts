import { z } from 'zod'
import { ENVIRONMENT_VARIABLES, type EnvironmentName } from './environment-variables.ts'
import { Secret } from './secret.ts'

const secret = z.string().transform((value) => new Secret(value))
const webUrl = z
  .url({ protocol: /^https?$/u, error: 'must be an http(s) address' })
  // fetch refuses such an address, and says the password in its refusal.
  .refine((url) => !/^\w+:\/\/[^/?#]*@/u.test(url), 'must not hold a name or a password')
  .transform((url) => url.replace(/\/+$/u, ''))
const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/u, 'must be a whole number')
  .transform(Number)

/** PEM as it is, with `\n` written out (as .env files hold it), or base64 of it. */
const privateKey = z
  .string()
  .transform((text) => pemOf(text))
  .refine(
    (pem) => /^-----BEGIN (?:RSA )?PRIVATE KEY-----\n[\s\S]+-----END (?:RSA )?PRIVATE KEY-----\s*$/u.test(pem),
    'must be a PEM private key',
  )
  .pipe(secret)

const environmentSchema = z.object({
  APP_ID: wholeNumber.refine((id) => id > 0, 'must be a positive number').optional(),
  PRIVATE_KEY: privateKey.optional(),
  PRIVATE_KEY_PATH: z.string().optional(),
  WEBHOOK_SECRET: z
    .string()
    .min(8, 'must have at least 8 characters')
    .refine((text) => text !== 'development', 'must not be the word "development", which everybody knows')
    .pipe(secret)
    .optional(),
  CLIENT_ID: z.string().optional(),
  CLIENT_SECRET: secret.optional(),
  GITHUB_WEB_URL: webUrl.optional(),
  GITHUB_API_URL: webUrl.default('https://api.github.com'),
  RUNPOD_API_KEY: secret.optional(),
  RUNPOD_API_URL: webUrl.default('https://api.runpod.io/v2'),
  RUNPOD_PROXY_URL: z
    .string()
    .regex(/^https?:\/\//u, 'must be an http(s) address')
    .refine((text) => text.includes('{podId}') && text.includes('{port}'), 'must contain {podId} and {port}')
    .default('https://{podId}-{port}.proxy.runpod.net'),
  DEVLOOP_DEPLOYMENT: z
    .string()
    .regex(/^[0-9a-z]{8}$/u, 'must be eight signs of 0-9 and a-z')
    .optional(),
  DEVLOOP_ENGINE: z
    .union([z.literal('runpod'), webUrl], 'must be "runpod" or the http(s) address of an Ollama')
    .default('runpod'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//u, 'must begin with postgres://')
    .pipe(secret)
    .optional(),
  DEVLOOP_DATA: z.string().default('.devloop/'),
  DEVLOOP_KEEP_DAYS: wholeNumber.refine((days) => days >= 1 && days <= 3650, 'must be from 1 to 3650').default(90),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber.refine((port) => port <= 65_535, 'must be at most 65535').default(3000),
  PUBLIC_URL: webUrl.optional(),
  CONTROLLER_URL: webUrl.optional(),
  CONTROLLER_KEY: secret.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: webUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: secret.optional(),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(?:0(?:\.\d+)?|1(?:\.0+)?)$/u, 'must be a share from 0 to 1')
    .transform(Number)
    .default(1),
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: z
    .enum(['true', 'false'], 'must be true or false')
    .transform((text) => text === 'true')
    .default(false),
  ALERT_WEBHOOK_URL: webUrl.pipe(secret).optional(),
  REPORT_TOKEN: secret.optional(),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
})

/** Every variable of the environment, parsed. Secrets are wrapped and have no defaults. */
export type Environment = Readonly<z.output<typeof environmentSchema>>

export interface EnvironmentProblem {
  readonly name: EnvironmentName
  /** One sentence with the remedy; never the value of a secret. */
  readonly message: string
}

export type EnvironmentResult =
  | { readonly ok: true; readonly environment: Environment }
  | { readonly ok: false; readonly problems: readonly EnvironmentProblem[] }

/** Reads a record such as `process.env`. An empty value counts as absent, as in .env files. One problem per variable. */
export function parseEnvironment(record: Readonly<Record<string, string | undefined>>): EnvironmentResult {
  const given: Partial<Record<EnvironmentName, string>> = {}
  for (const { name } of ENVIRONMENT_VARIABLES) {
    const value = record[name]?.trim()
    if (value) given[name] = value
  }
  const parsed = environmentSchema.safeParse(given)
  if (parsed.success) return { ok: true, environment: parsed.data }
  const problems = ENVIRONMENT_VARIABLES.flatMap(({ name, secret: hidden, says }) => {
    const issue = parsed.error.issues.find((candidate) => candidate.path[0] === name)
    if (issue === undefined) return []
    const shown = hidden ? '' : ` is ${JSON.stringify(given[name]?.replace(/\/\/[^/?#]*@/u, '//[secret]@'))} and`
    return [{ name, message: `${name} (${says})${shown} ${issue.message}.` }]
  })
  return { ok: false, problems }
}

/** One sentence per variable that `wants` needs and the environment lacks. */
export function missingVariables(
  environment: Environment,
  wants: { readonly app: boolean; readonly runpod: boolean },
): readonly EnvironmentProblem[] {
  return ENVIRONMENT_VARIABLES.filter(({ name, need }) => {
    if (need === 'optional' || !wants[need]) return false
    if (name === 'PRIVATE_KEY' && environment.PRIVATE_KEY_PATH !== undefined) return false
    return environment[name] === undefined
  }).map(({ name, says }) => {
    const other = name === 'PRIVATE_KEY' ? ' (or PRIVATE_KEY_PATH)' : ''
    return { name, message: `${name} is missing: set it to the ${says}${other}, in the environment or in .env.` }
  })
}

function pemOf(text: string): string {
  const plain = text.replaceAll('\\n', '\n').replaceAll('\r', '')
  if (plain.includes('-----BEGIN')) return plain
  return Buffer.from(text, 'base64').toString('utf8').replaceAll('\r', '')
}
