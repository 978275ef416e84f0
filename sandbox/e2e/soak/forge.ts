import { createHmac } from 'node:crypto'
import { webhookRequest } from '../../../app/webhooks/fakes/webhook-request.ts'
import type { WebhookRequest } from '../../../app/webhooks/route.ts'
import type { Clock, Random } from '../../../ports/clock.ts'
import { SecondaryLimits } from '../../github/rest/secondary-limits.ts'
import { costingOf, ownerOf } from './forge-limits.ts'
import { answerCall, type ForgeCall } from './forge-routes.ts'
import {
  accountOf,
  commentOf,
  type ForgeComment,
  type ForgeDelivery,
  type ForgePull,
  type ForgeRepository,
  INSTALLATION_ID,
  pullOf,
} from './forge-state.ts'
import type { SoakWeather } from './soak-weather.ts'

export const WEBHOOK_SECRET = 'a secret of the soak'
const HOUR_MS = 3_600_000
const DELIVERIES_KEPT_MS = 72 * HOUR_MS

/** A GitHub in memory and in virtual time, with an App installed, whose replies come late, get lost or are refused as the weather is. */
export class Forge {
  readonly counts = {
    calls: 0,
    webhooks: 0,
    lostWebhooks: 0,
    redelivered: 0,
    outOfOrder: 0,
    lostReplies: 0,
    mostCallsPerMinute: 0,
    tooMany: 0,
  }
  /** Where webhooks go; undefined while nobody listens. */
  listener: ((request: WebhookRequest) => Promise<{ readonly status: number }>) | undefined
  readonly #clock: Clock
  readonly #random: Random
  readonly #weather: SoakWeather
  readonly #limits: SecondaryLimits
  readonly #repositories = new Map<string, ForgeRepository>()
  readonly #owners = new Map<number, ForgePull>()
  #deliveries: ForgeDelivery[] = []
  #lastId = 1_000
  #lastRedelivered = 0
  #minute = { at: 0, calls: 0 }

  constructor(clock: Clock, random: Random, weather: SoakWeather) {
    this.#clock = clock
    this.#random = random
    this.#weather = weather
    this.#limits = new SecondaryLimits(() => clock.now())
  }

  addRepository(name: string, policy: string | null): void {
    this.#repositories.set(name, { name, policy, baseSha: this.sha(), pulls: new Map(), lastNumber: 0 })
  }

  list(): readonly ForgeRepository[] {
    return [...this.#repositories.values()]
  }

  repository(name: string): ForgeRepository {
    const found = this.#repositories.get(name)
    if (found === undefined) throw new Error(`nobody made ${name}`)
    return found
  }

  at(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`
  }

  sha(): string {
    return this.#random.hex(20)
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  createToken() {
    return { token: `ghs_${this.#random.hex(8)}`, expires_at: new Date(this.#clock.now() + HOUR_MS).toISOString() }
  }

  /** The fetch of one process. */
  async fetch(url: string, init: { method?: string; body?: unknown; headers?: unknown }): Promise<Response> {
    this.#count()
    const { pathname, searchParams } = new URL(url)
    const method = init.method ?? 'GET'
    const body = typeof init.body === 'string' && init.body !== '' ? JSON.parse(init.body) : {}
    const call = { method, path: pathname, query: searchParams, body }
    const entered = this.#limits.enter(ownerOf(init.headers), costingOf(method, pathname))
    if ('refusal' in entered) {
      this.counts.tooMany += 1
      return reply(entered.refusal.status, entered.refusal.body, entered.refusal.headers)
    }
    try {
      return await this.#answer(call)
    } finally {
      entered.leave()
    }
  }

  async #answer(call: ForgeCall): Promise<Response> {
    const weather = this.#weather
    await this.#clock.sleep(weather.is('github-slow') ? weather.between(2_000, 15_000) : weather.between(40, 400))
    if (weather.is('github-down') || weather.hits(0.003)) return reply(502, { message: 'Server Error' })
    if (weather.is('github-limited') && weather.hits(0.5))
      return reply(403, { message: 'You have exceeded a secondary rate limit.' }, { 'retry-after': '30' })
    const answer = answerCall(this, call)
    if (call.method !== 'GET' && weather.hits(0.004)) {
      this.counts.lostReplies += 1
      throw new TypeError('fetch failed')
    }
    return reply(answer.status, answer.body)
  }

  openPull(
    repository: ForgeRepository,
    wish: Pick<ForgePull, 'title' | 'body' | 'author' | 'headRef' | 'path' | 'code'>,
  ) {
    repository.lastNumber += 1
    const headSha = this.sha()
    const pull: ForgePull = {
      ...wish,
      number: repository.lastNumber,
      headSha,
      baseSha: repository.baseSha,
      state: 'open',
      mergedAt: null,
      mergeSha: null,
      createdAt: this.at(),
      updatedAt: this.at(),
      comments: [],
      reviews: [],
      threads: [],
      reactions: new Map(),
      runs: new Map([[headSha, []]]),
    }
    repository.pulls.set(pull.number, pull)
    this.#deliverPull(repository, pull, 'opened')
    return pull
  }

  push(repository: ForgeRepository, pull: ForgePull, code: string): void {
    pull.code = code
    pull.headSha = this.sha()
    pull.updatedAt = this.at()
    pull.runs.set(pull.headSha, [])
    this.#deliverPull(repository, pull, 'synchronize')
  }

  close(repository: ForgeRepository, pull: ForgePull, isMerged: boolean): void {
    pull.state = 'closed'
    pull.updatedAt = this.at()
    if (isMerged) {
      pull.mergedAt = this.at()
      pull.mergeSha = this.sha()
      repository.baseSha = pull.mergeSha
      const headCommit = { message: `Merge #${pull.number}`, timestamp: this.at() }
      this.deliver('push', {
        ref: 'refs/heads/main',
        after: pull.mergeSha,
        deleted: false,
        pusher: { name: 'web-flow' },
        head_commit: headCommit,
        ...about(repository, 'web-flow'),
      })
    }
    this.#deliverPull(repository, pull, 'closed')
  }

  /** Somebody says something; what people say is delivered, what the bot says too. */
  addComment(pull: ForgePull, author: string, body: string): ForgeComment {
    const comment = { id: this.nextId(), author, body, createdAt: this.at(), updatedAt: this.at() }
    pull.comments.push(comment)
    pull.updatedAt = this.at()
    this.#owners.set(comment.id, pull)
    return comment
  }

  comment(repository: ForgeRepository, pull: ForgePull, author: string, body: string): ForgeComment {
    const comment = this.addComment(pull, author, body)
    const issue = { number: pull.number, pull_request: {} }
    this.deliver('issue_comment', {
      action: 'created',
      issue,
      comment: commentOf(comment),
      ...about(repository, author),
    })
    return comment
  }

  findComment(_repository: ForgeRepository, id: number) {
    const pull = this.#owners.get(id)
    const comment = pull?.comments.find((each) => each.id === id)
    return pull === undefined || comment === undefined ? undefined : { pull, comment }
  }

  resolveThread(id: string): void {
    for (const { pulls } of this.list())
      for (const { threads } of pulls.values())
        for (const thread of threads) if (thread.id === id) thread.isResolved = true
  }

  /** Forgets a pull request, as nobody will ask for it again: what is measured is the product's memory. */
  forget(repository: ForgeRepository, pull: ForgePull): void {
    repository.pulls.delete(pull.number)
    for (const { id } of pull.comments) this.#owners.delete(id)
  }

  deliver(event: string, payload: object): void {
    const guid = [8, 4, 4, 4, 12].map((digits) => this.#random.hex(6).slice(0, digits).padEnd(digits, '0')).join('-')
    this.#send({ id: this.nextId(), guid, event, body: JSON.stringify(payload), deliveredAt: this.at(), statusCode: 0 })
  }

  attempts() {
    const since = new Date(this.#clock.now() - DELIVERIES_KEPT_MS).toISOString()
    this.#deliveries = this.#deliveries.filter(({ deliveredAt }) => deliveredAt >= since)
    const arrived = new Set(this.#deliveries.filter(({ statusCode }) => isOk(statusCode)).map(({ guid }) => guid))
    const failed = new Set(this.#deliveries.map(({ guid }) => guid).filter((guid) => !arrived.has(guid)))
    return this.#deliveries
      .filter(({ guid }) => failed.has(guid))
      .toReversed()
      .slice(0, 1000)
      .map(({ id, guid, event, deliveredAt, statusCode }) => ({
        id,
        guid,
        event,
        delivered_at: deliveredAt,
        status_code: statusCode,
      }))
  }

  redeliver(id: number): object {
    const known = this.#deliveries.find((delivery) => delivery.id === id)
    if (known === undefined) return {}
    this.counts.redelivered += 1
    if (id < this.#lastRedelivered) this.counts.outOfOrder += 1
    this.#lastRedelivered = id
    this.#send({ ...known, id: this.nextId(), deliveredAt: this.at(), statusCode: 0 })
    return {}
  }

  #count(): void {
    this.counts.calls += 1
    const at = Math.floor(this.#clock.now() / 60_000)
    if (at !== this.#minute.at) this.#minute = { at, calls: 0 }
    this.#minute.calls += 1
    this.counts.mostCallsPerMinute = Math.max(this.counts.mostCallsPerMinute, this.#minute.calls)
  }

  #deliverPull(repository: ForgeRepository, pull: ForgePull, action: string): void {
    this.deliver('pull_request', {
      action,
      number: pull.number,
      pull_request: pullOf(repository, pull),
      ...about(repository, pull.author),
    })
  }

  #send(delivery: ForgeDelivery): void {
    this.counts.webhooks += 1
    this.#deliveries.push(delivery)
    void this.#post(delivery)
  }

  async #post(delivery: ForgeDelivery): Promise<void> {
    await this.#clock.sleep(this.#weather.between(100, 3_000))
    if (this.listener === undefined || this.#weather.is('github-down') || this.#weather.hits(0.005)) {
      this.counts.lostWebhooks += 1
      delivery.statusCode = 502
      return
    }
    const signature = createHmac('sha256', WEBHOOK_SECRET).update(delivery.body).digest('hex')
    const headers = {
      'content-type': 'application/json',
      'x-github-event': delivery.event,
      'x-github-delivery': delivery.guid,
      'x-hub-signature-256': `sha256=${signature}`,
    }
    const request = webhookRequest('POST', headers, delivery.body)
    // GitHub hangs up after ten seconds: so does whoever died meanwhile.
    const late = this.#clock.sleep(10_000).then(() => undefined)
    const answer = await Promise.race([this.listener(request), late])
    delivery.statusCode = answer?.status ?? 504
    if (!isOk(delivery.statusCode)) return
    // GitHub sometimes sends the same delivery twice by itself.
    if (this.#weather.hits(0.01)) void this.#post({ ...delivery })
    delivery.body = ''
  }
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300
}

function about(repository: ForgeRepository, sender: string) {
  return {
    repository: { full_name: repository.name, id: 1 },
    installation: { id: INSTALLATION_ID },
    sender: accountOf(sender),
  }
}

function reply(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = status === 204 ? null : JSON.stringify(body)
  return new Response(text, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-ratelimit-remaining': '4900', ...headers },
  })
}
