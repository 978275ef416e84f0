import { mkdir } from 'node:fs/promises'
import { createAccount } from './acts/accounts.ts'
import {
  acceptPermissions,
  changeInstalled,
  installApp,
  type RegistrationRequest,
  registerApp,
  suspendInstallation,
  uninstallApp,
} from './acts/registrations.ts'
import { createRepository, deleteRepository, forkRepository, type RepositoryRequest } from './acts/repositories.ts'
import type { LoggedCall } from './call-log.ts'
import { type Fault, FaultPlan } from './faults/fault-plan.ts'
import { readFolder } from './git/init-repository.ts'
import { createJudge } from './judge/judge.ts'
import { createPages } from './pages/pages.ts'
import { Person } from './person.ts'
import { createApiServer } from './rest/api-server.ts'
import { SecondaryLimits } from './rest/secondary-limits.ts'
import { SandboxError } from './sandbox-error.ts'
import type { Account } from './state/account.ts'
import type { AppRegistration, Installation, Permissions } from './state/app-registration.ts'
import type { Delivery } from './state/delivery.ts'
import type { BranchRule, Repository, Role } from './state/repository.ts'
import { listen } from './listen.ts'
import { redeliver } from './webhooks/redeliver.ts'
import { type Violation, World } from './world.ts'

export interface GithubOptions {
  /** Where the bare repositories are kept; created if missing, never deleted. */
  readonly dataDir: string
  /** Ports of the API and of the pages; 0 picks free ones. */
  readonly port?: number
  readonly webPort?: number
  /** The time in milliseconds; the real one by default. */
  readonly clock?: () => number
  /** A number in [0, 1) for tokens, secrets and GUIDs. */
  readonly random?: () => number
  /** Judge every request, reply and webhook by GitHub's documents; on by default. */
  readonly judge?: boolean
  /** Answer 500 to what the judge objects to, instead of only recording it; on by default. */
  readonly strict?: boolean
  /** Refuse who asks too much in too short a time, as GitHub does; on by default. Off for tests whose time or volume is not a person's. */
  readonly secondaryLimits?: boolean
}

/** Starts a GitHub of one's own on 127.0.0.1. */
export async function startGithub(options: GithubOptions): Promise<GithubSandbox> {
  const { dataDir, clock = Date.now, random = Math.random } = options
  await mkdir(dataDir, { recursive: true })
  const world = new World({ dataDir, nowMs: clock, random })
  const faults = new FaultPlan()
  const calls: LoggedCall[] = []
  const judge = options.judge === false ? undefined : createJudge(world, { strict: options.strict ?? true })
  world.judgeWebhook = judge?.webhook
  const limits = options.secondaryLimits === false ? undefined : new SecondaryLimits(clock)
  const api = await listen(createApiServer(world, { faults, calls, judge, limits }).fetch, options.port ?? 0)
  const pages = createPages(world)
  const web = await listen(pages.fetch, options.webPort ?? 0).catch(async (error: unknown) => {
    await api.close()
    throw error
  })
  world.apiUrl = api.url
  world.webUrl = web.url
  const stop = async () => {
    await world.outbox.stop()
    await Promise.all([api.close(), web.close()])
  }
  return new GithubSandbox(world, { faults, calls, stop })
}

/** A running GitHub: seeds it, acts as people, breaks it on purpose, and tells what happened. */
export class GithubSandbox {
  /** Every request to the API, in the order of their replies. */
  readonly calls: LoggedCall[]
  readonly #world: World
  readonly #faults: FaultPlan
  readonly #stop: () => Promise<void>

  constructor(world: World, parts: { faults: FaultPlan; calls: LoggedCall[]; stop: () => Promise<void> }) {
    this.#world = world
    this.calls = parts.calls
    this.#faults = parts.faults
    this.#stop = parts.stop
  }

  /** Base of the API, as `GITHUB_API_URL` has it. */
  get url(): string {
    return this.#world.apiUrl
  }

  /** Base of the pages people look at, and of OAuth. */
  get webUrl(): string {
    return this.#world.webUrl
  }

  get violations(): readonly Violation[] {
    return this.#world.violations
  }

  get deliveries(): readonly Delivery[] {
    return this.#world.deliveries
  }

  createUser(login: string, facts: { name?: string; email?: string } = {}): Account {
    return createAccount(this.#world, { login, type: 'User', ...facts })
  }

  /** An organization, its members, and its teams (slug → logins). */
  createOrganization(
    login: string,
    facts: {
      members?: Readonly<Record<string, 'admin' | 'member'>>
      teams?: Readonly<Record<string, readonly string[]>>
    } = {},
  ): Account {
    const account = createAccount(this.#world, { login, type: 'Organization' })
    for (const [member, role] of Object.entries(facts.members ?? {})) account.members.set(member, role)
    for (const [team, logins] of Object.entries(facts.teams ?? {})) account.teams.set(team, new Set(logins))
    return account
  }

  createApp(request: RegistrationRequest): AppRegistration {
    return registerApp(this.#world, request)
  }

  /** Where the webhooks of an App go; null: nowhere. */
  setWebhookUrl(registration: AppRegistration, url: string | null): void {
    registration.webhookUrl = url
  }

  installApp(
    registration: AppRegistration,
    accountLogin: string,
    options: { repositories?: readonly string[]; permissions?: Permissions; events?: readonly string[] } = {},
  ): Installation {
    const repositories = options.repositories?.map((name) => this.#world.repository(name)) ?? 'all'
    const actor = { account: this.#world.account(accountLogin) }
    const { permissions, events } = options
    return installApp(this.#world, { registration, accountLogin, repositories, permissions, events, actor })
  }

  uninstallApp(installation: Installation): void {
    uninstallApp(this.#world, installation, { account: this.#world.account(installation.accountLogin) })
  }

  suspend(installation: Installation, isSuspended = true): void {
    suspendInstallation(
      this.#world,
      installation,
      { account: this.#world.account(installation.accountLogin) },
      isSuspended,
    )
  }

  /** The account accepts other permissions than it first did. */
  changePermissions(installation: Installation, permissions: Permissions): void {
    acceptPermissions(this.#world, installation, {
      permissions,
      actor: { account: this.#world.account(installation.accountLogin) },
    })
  }

  changeInstalledRepositories(
    installation: Installation,
    change: { added?: readonly string[]; removed?: readonly string[] },
  ): void {
    const find = (names: readonly string[] = []) => names.map((name) => this.#world.repository(name))
    const actor = { account: this.#world.account(installation.accountLogin) }
    changeInstalled(this.#world, installation, { added: find(change.added), removed: find(change.removed), actor })
  }

  /** A repository `owner/name`: from files, from a folder of files, or from another git repository on this disk. */
  async createRepository(
    name: string,
    request: Omit<RepositoryRequest, 'ownerLogin' | 'name'> & { readonly fromFolder?: string } = {},
  ): Promise<Repository> {
    const [ownerLogin = '', short = ''] = name.split('/')
    const { fromFolder, ...rest } = request
    const files = fromFolder === undefined ? rest.files : await readFolder(fromFolder)
    return createRepository(this.#world, { ...rest, files, ownerLogin, name: short })
  }

  fork(name: string, ownerLogin: string): Promise<Repository> {
    return forkRepository(this.#world, this.#world.repository(name), ownerLogin)
  }

  deleteRepository(name: string): void {
    deleteRepository(this.#world, this.#world.repository(name))
  }

  repository(name: string): Repository {
    return this.#world.repository(name)
  }

  setCollaborator(name: string, login: string, role: Role | null): void {
    const { collaborators } = this.#world.repository(name)
    if (role === null) collaborators.delete(login)
    else collaborators.set(login, role)
  }

  addBranchRule(name: string, rule: Partial<BranchRule> & { readonly pattern: string }): void {
    this.#world.repository(name).rules.push({
      requiredChecks: [],
      requiredApprovals: 0,
      mergeQueue: false,
      source: 'ruleset',
      dismissStaleReviews: false,
      ...rule,
    })
  }

  /** A personal access token. */
  createPersonalToken(login: string): string {
    const token = `ghp_${this.#world.randomHex(36)}`
    this.#world.tokens.set(token, { kind: 'person', login: this.#world.account(login).login })
    return token
  }

  /** A token of an installation without the detour over a JWT, as a workflow's `GITHUB_TOKEN` is. */
  createInstallationToken(installation: Installation, permissions: Permissions = installation.permissions): string {
    const token = `ghs_${this.#world.randomHex(36)}`
    const expiresAtMs = this.#world.nowMs() + 3_600_000
    this.#world.tokens.set(token, { kind: 'installation', installationId: installation.id, permissions, expiresAtMs })
    return token
  }

  /** GitHub forgets every installation token at once, long before its hour is over. */
  revokeInstallationTokens(): void {
    for (const [token, { kind }] of this.#world.tokens) if (kind === 'installation') this.#world.tokens.delete(token)
  }

  /** Acts as a person in a repository. */
  as(login: string, repositoryName: string): Person {
    return new Person(this.#world, login, repositoryName)
  }

  addFault(fault: Fault): void {
    this.#faults.add(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  resetCalls(): void {
    this.calls.length = 0
  }

  /** Sends a webhook once more under its GUID, as GitHub sometimes does by itself. */
  duplicateDelivery(guid: string): void {
    const delivery = this.#world.deliveries.find((candidate) => candidate.guid === guid)
    if (delivery === undefined) throw new SandboxError('not-found', `No delivery has the GUID ${guid}.`)
    redeliver(this.#world, delivery, { redelivery: false })
  }

  /** Keeps webhooks back until `releaseWebhooks`, which may turn their order round. */
  holdWebhooks(): void {
    this.#world.outbox.hold()
  }

  releaseWebhooks(order: 'as-sent' | 'reversed' = 'as-sent'): void {
    this.#world.outbox.release(order)
  }

  /** Resolves when no webhook is under way any more. */
  webhooksSettled(): Promise<void> {
    return this.#world.outbox.settled()
  }

  /** Throws if anything departed from GitHub's documents since the start. */
  assertClean(): void {
    const { violations } = this.#world
    if (violations.length === 0) return
    const lines = violations.map(({ direction, subject, message }) => `${direction} ${subject}: ${message}`)
    throw new SandboxError('violated', `GitHub's documents were violated ${lines.length} times:\n${lines.join('\n')}`)
  }

  /** Closes the ports and gives up webhooks under way; what lies in `dataDir` stays. */
  stop(): Promise<void> {
    return this.#stop()
  }
}
