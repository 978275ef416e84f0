import { createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isObject, type JsonObject } from '../contracts/json.ts'
import { type GithubOptions, type GithubSandbox, startGithub } from '../github-sandbox.ts'
import type { Person } from '../person.ts'
import type { AppRegistration, Installation, Permissions } from '../state/app-registration.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body when it is one object. */
  readonly json: JsonObject
  /** The body when it is a list. */
  readonly list: readonly JsonObject[]
}

export type CallApi = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>

/** A sandbox with one organization, one repository, two people and one installed App. */
export interface Shop {
  readonly github: GithubSandbox
  readonly registration: AppRegistration
  readonly installation: Installation
  readonly alice: Person
  readonly bob: Person
  /** Calls the API with a token of the installation. */
  readonly asApp: CallApi
  readonly as: (authorization: string) => CallApi
  readonly jwt: (claims?: JsonObject) => string
  readonly stop: () => Promise<void>
}

export const shopFile = `${['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].join('\n')}\n`

const everything: Permissions = {
  administration: 'read',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  statuses: 'write',
}
const events = ['push', 'create', 'delete', 'pull_request', 'pull_request_review', 'pull_request_review_comment']
const moreEvents = [
  'pull_request_review_thread',
  'issue_comment',
  'issues',
  'check_run',
  'check_suite',
  'status',
  'merge_group',
]

// One key for all Apps of a test file: making one costs more than everything else.
const privateKeyPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()

export async function startShop(
  options: Partial<GithubOptions> & { webhookUrl?: string; permissions?: Permissions; isPrivate?: boolean } = {},
): Promise<Shop> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-github-'))
  const github = await startGithub({ dataDir, ...options })
  github.createUser('alice', { name: 'Alice', email: 'alice@example.com' })
  github.createUser('bob')
  github.createOrganization('acme', { members: { alice: 'admin' } })
  await github.createRepository('acme/shop', {
    files: { 'README.md': '# shop\n', 'src/a.ts': shopFile },
    collaborators: { bob: 'write' },
    private: options.isPrivate,
  })
  const registration = github.createApp({
    name: 'DevLoop',
    ownerLogin: 'acme',
    permissions: options.permissions ?? everything,
    events: [...events, ...moreEvents],
    webhookUrl: options.webhookUrl,
    privateKeyPem,
  })
  const installation = github.installApp(registration, 'acme')
  const as =
    (authorization: string): CallApi =>
    (method, path, body, headers) =>
      callApi(github.url + path, { method, body, headers: { authorization, ...headers } })
  return {
    github,
    registration,
    installation,
    alice: github.as('alice', 'acme/shop'),
    bob: github.as('bob', 'acme/shop'),
    asApp: as(`token ${github.createInstallationToken(installation)}`),
    as,
    jwt: (claims) => signJwt(registration, claims),
    stop: async () => {
      await github.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A topic branch that changes lines 2 and 10 of `src/a.ts`, opened as pull request 1 by bob. */
export async function openTopic(shop: Shop): Promise<{ headSha: string }> {
  const changed = shopFile.replace('two', 'TWO').replace('ten', 'TEN')
  const headSha = await shop.bob.push('topic', { 'src/a.ts': changed }, 'Shout')
  await shop.bob.openPullRequest({ title: 'Shout', body: 'Louder.', head: 'topic', base: 'main' })
  return { headSha }
}

function signJwt(registration: AppRegistration, claims: JsonObject = {}): string {
  const nowSeconds = Math.floor(Date.now() / 1000)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = { iat: nowSeconds - 60, exp: nowSeconds + 540, iss: registration.id, ...claims }
  const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(payload)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(registration.privateKeyPem, 'base64url')}`
}

async function callApi(
  url: string,
  request: { method: string; body: unknown; headers: Record<string, string> },
): Promise<Answer> {
  const { method, body, headers } = request
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  const parsed: unknown = /^application\/json/.test(response.headers.get('content-type') ?? '')
    ? JSON.parse(text)
    : undefined
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isObject(parsed) ? parsed : {},
    list: Array.isArray(parsed) ? parsed.filter(isObject) : [],
  }
}
