import { join } from 'node:path'
import { GitRepository } from './git/git-repository.ts'
import { SandboxError } from './sandbox-error.ts'
import type { Account } from './state/account.ts'
import type { AppRegistration, Installation, Token } from './state/app-registration.ts'
import type { Delivery } from './state/delivery.ts'
import type { Repository } from './state/repository.ts'
import type { RateWindow } from './state/rate-window.ts'
import { fullName } from './state/repository.ts'
import { Outbox } from './webhooks/outbox.ts'

export interface WorldOptions {
  readonly dataDir: string
  readonly nowMs: () => number
  /** A number in [0, 1). */
  readonly random: () => number
}

/** Everything the sandbox knows; the routes and pages read it, the acts change it. */
export class World {
  readonly accounts = new Map<string, Account>()
  readonly registrations = new Map<number, AppRegistration>()
  readonly installations = new Map<number, Installation>()
  readonly repositories = new Map<number, Repository>()
  readonly tokens = new Map<string, Token>()
  /** Manifest and OAuth codes, each good for one exchange. */
  readonly codes = new Map<string, { readonly kind: 'manifest' | 'oauth'; readonly value: string }>()
  readonly deliveries: Delivery[] = []
  readonly rateWindows = new Map<string, RateWindow>()
  readonly violations: Violation[] = []
  /** Called with the repository whenever something people can see has changed. */
  readonly onChange = new Set<(repository: Repository) => void>()
  /** Says where a webhook departs from GitHub's schema; set when the judge is on. */
  judgeWebhook: ((name: string, payload: unknown) => void) | undefined
  readonly outbox = new Outbox()
  apiUrl = ''
  webUrl = ''
  readonly #options: WorldOptions
  readonly #git = new Map<string, GitRepository>()
  #lastId = 1000

  constructor(options: WorldOptions) {
    this.#options = options
  }

  nowMs(): number {
    return this.#options.nowMs()
  }

  /** The time as GitHub writes it. */
  now(): string {
    return new Date(this.nowMs()).toISOString().replace(/\.\d+Z$/, 'Z')
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  randomHex(length: number): string {
    return Array.from({ length }, () => Math.floor(this.#options.random() * 16).toString(16)).join('')
  }

  gitDir(ownerLogin: string, name: string): string {
    return join(this.#options.dataDir, 'repositories', ownerLogin, `${name}.git`)
  }

  git(repository: Repository): GitRepository {
    let git = this.#git.get(repository.gitDir)
    if (git === undefined) {
      git = new GitRepository(repository.gitDir)
      this.#git.set(repository.gitDir, git)
    }
    return git
  }

  account(login: string): Account {
    const account = this.accounts.get(login.toLowerCase())
    if (account === undefined) throw new SandboxError('not-found', `No account is named ${login}; create it first.`)
    return account
  }

  findRepository(owner: string, name: string): Repository | undefined {
    const wanted = `${owner}/${name}`.toLowerCase()
    for (const repository of this.repositories.values()) {
      if (fullName(repository).toLowerCase() === wanted) return repository
    }
    return undefined
  }

  repository(name: string): Repository {
    const [owner = '', short = ''] = name.split('/')
    const repository = this.findRepository(owner, short)
    if (repository === undefined)
      throw new SandboxError('not-found', `No repository is named ${name}; create it first.`)
    return repository
  }

  changed(repository: Repository): void {
    for (const listener of this.onChange) listener(repository)
  }
}

/** Where something departed from GitHub's own documents. */
export interface Violation {
  /** `POST /repos/o/r/pulls`, or the name of a webhook. */
  readonly subject: string
  readonly direction: 'request' | 'response' | 'webhook'
  readonly message: string
}
