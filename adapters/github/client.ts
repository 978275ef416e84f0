import type { z } from 'zod'
import type { Clock } from '../../ports/clock.ts'
import { GithubError } from '../../ports/errors.ts'
import type { Listing } from '../../ports/github.ts'
import { isGithubCode, toGithubError, unreadable } from './errors.ts'
import type { EtagCache } from './etag-cache.ts'
import { parseLinks } from './links.ts'
import type { CallKind, Throttle } from './throttle.ts'
import { createWire, type Reply, type Wire, type WireRequest } from './wire.ts'

/** One finished request, for counters. */
export interface GithubCall {
  readonly method: string
  /** The template, without names. */
  readonly route: string
  /** 0 when no reply came. */
  readonly status: number
  readonly remaining: number | null
  readonly durationMs: number
}

export interface ClientOptions {
  readonly fetch: typeof fetch
  /** `https://api.github.com`, without a slash at the end. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly throttle: Throttle
  readonly cache: EtagCache
  readonly onCall?: (call: GithubCall) => void
  /** A whole `authorization` header; `renew` asks for another one than the last, which was refused. */
  readonly authorization: (renew: boolean) => Promise<string>
  /** Told what time it is at GitHub, by each reply. */
  readonly onDate?: (dateMs: number) => void
  /** Whose limits and cache these calls belong to: an installation, the App, a token. */
  readonly owner: string
}

export type Parameters = Readonly<Record<string, unknown>>

interface Sent {
  readonly route: string
  readonly parameters: Parameters
  readonly request: WireRequest
  readonly kind: CallKind
  readonly isRepeatable: boolean
  readonly etag?: string
}

const API_VERSION = '2022-11-28'
const MAX_ATTEMPTS = 3
const CALL_TIMEOUT_MS = 30_000
/** Longer waits are the caller's: a job is put off, a person is told. */
const LONGEST_WAIT_MS = 60_000
const PER_PAGE = 100

/** GitHub's REST calls with conditional requests, retries, throttling and parsed answers. Every method throws `GithubError`. */
export class GithubClient {
  readonly options: ClientOptions
  readonly #wire: Wire

  constructor(options: ClientOptions) {
    this.options = options
    this.#wire = createWire(options.baseUrl, options.fetch)
  }

  async get<T>(route: string, parameters: Parameters, schema: z.ZodType<T>): Promise<T> {
    return this.#parse(route, schema, (await this.#read(route, parameters)).body)
  }

  /** What its name fixes for ever: a reply that is not kept here, since whoever asks keeps what matters of it. */
  async getFixed<T>(route: string, parameters: Parameters, schema: z.ZodType<T>): Promise<T> {
    return this.#parse(route, schema, (await this.#send(this.#sent(route, parameters, 'read', true))).body)
  }

  /** Null for 404: it does not exist, or must not be seen. */
  async find<T>(route: string, parameters: Parameters, schema: z.ZodType<T>): Promise<T | null> {
    try {
      return await this.get(route, parameters, schema)
    } catch (error) {
      if (isGithubCode(error, 'not-found')) return null
      throw error
    }
  }

  /** Every page; the pages after the first at the same time, since the first names the last. */
  async list<T>(
    route: string,
    parameters: Parameters,
    page: z.ZodType<readonly T[]>,
    maxItems = 3000,
  ): Promise<Listing<T>> {
    const numbered = (number: number) => this.#read(route, { ...parameters, per_page: PER_PAGE, page: number })
    const first = await numbered(1)
    const links = parseLinks(first.link)
    const maxPages = Math.ceil(maxItems / PER_PAGE)
    if (links.hasNext && links.lastPage === undefined)
      return this.listUntil(route, parameters, page, () => false, maxPages)
    const items = [...this.#parse(route, page, first.body)]
    const lastPage = Math.min(links.lastPage ?? 1, maxPages)
    const rest = await Promise.all(Array.from({ length: lastPage - 1 }, (_, index) => numbered(index + 2)))
    for (const reply of rest) items.push(...this.#parse(route, page, reply.body))
    const isCut = links.lastPage !== undefined && links.lastPage > lastPage
    return { items: items.slice(0, maxItems), complete: !isCut && items.length < maxItems }
  }

  /** Pages one after the other, until `isEnough` says that older ones need not be seen. */
  async listUntil<T>(
    route: string,
    parameters: Parameters,
    page: z.ZodType<readonly T[]>,
    isEnough: (items: readonly T[]) => boolean,
    maxPages: number,
  ): Promise<Listing<T>> {
    const items: T[] = []
    for (let number = 1; number <= maxPages; number++) {
      const reply = await this.#read(route, { ...parameters, per_page: PER_PAGE, page: number })
      const found = this.#parse(route, page, reply.body)
      items.push(...found)
      if (isEnough(found) || !parseLinks(reply.link).hasNext) return { items, complete: true }
    }
    return { items, complete: false }
  }

  /** One page of a list that is paged by cursor. */
  async getPage<T>(
    route: string,
    parameters: Parameters,
    page: z.ZodType<readonly T[]>,
  ): Promise<{ readonly items: readonly T[]; readonly nextCursor: string | undefined }> {
    const reply = await this.#read(route, parameters)
    return { items: this.#parse(route, page, reply.body), nextCursor: parseLinks(reply.link).nextCursor }
  }

  async write<T>(
    route: string,
    parameters: Parameters,
    schema: z.ZodType<T>,
    options: { readonly kind?: 'write' | 'content'; readonly isRepeatable?: boolean } = {},
  ): Promise<T> {
    const { kind = 'write', isRepeatable = false } = options
    const reply = await this.#send(this.#sent(route, parameters, kind, isRepeatable))
    const parsed = schema.safeParse(reply.body)
    if (!parsed.success) throw unreadable(route, !isRepeatable, parsed.error)
    return parsed.data
  }

  /** A value that can never change at the other side is asked for once; an absent one is forgotten after a while. */
  async once<T>(key: string, load: () => Promise<T>, keepMs = Number.POSITIVE_INFINITY): Promise<T> {
    const { immutable } = this.options.cache
    const fullKey = `${this.options.owner} ${key}`
    const known = immutable.get(fullKey)
    const now = this.options.clock.now()
    if (known !== undefined && known.expiresAt > now) return known.value as T
    const value = await load()
    const absent = value === null
    immutable.delete(fullKey)
    immutable.set(fullKey, { value, expiresAt: now + (absent ? ABSENT_MS : keepMs) })
    const oldest = immutable.keys().next()
    if (immutable.size > MAX_IMMUTABLE && !oldest.done) immutable.delete(oldest.value)
    return value
  }

  /** Like `once`, for what is too large to be counted by number. */
  async onceLarge<T>(key: string, load: () => Promise<T>, sizeOf: (value: T) => number): Promise<T> {
    const { large } = this.options.cache
    const fullKey = `${this.options.owner} ${key}`
    const known = large.get(fullKey) as { readonly value: T } | undefined
    if (known !== undefined) return known.value
    const value = await load()
    large.set(fullKey, { value }, sizeOf(value))
    return value
  }

  async #read(
    route: string,
    parameters: Parameters,
  ): Promise<{ readonly body: unknown; readonly link: string | undefined }> {
    const { cache, owner } = this.options
    const sent = this.#sent(route, parameters, 'read', true)
    const key = `${owner} ${sent.request.headers.accept ?? ''} ${sent.request.url}`
    const known = cache.get(key)
    const reply = await this.#send({ ...sent, ...(known !== undefined && { etag: known.etag }) })
    if (reply.status === 304 && known !== undefined) return known
    const link = typeof reply.headers.link === 'string' ? reply.headers.link : undefined
    const { etag } = reply.headers
    if (typeof etag === 'string' && etag !== '') {
      const size = Number(reply.headers['content-length']) || JSON.stringify(reply.body)?.length || 0
      cache.set(key, { etag, body: reply.body, link, size })
    }
    return { body: reply.body, link }
  }

  #sent(route: string, parameters: Parameters, kind: CallKind, isRepeatable: boolean): Sent {
    return { route, parameters, request: this.#wire.build(route, parameters), kind, isRepeatable }
  }

  async #send(sent: Sent): Promise<Reply> {
    let renew = false
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.options.throttle.run(this.options.owner, sent.kind, () => this.#attempt(sent, renew))
      } catch (error) {
        if (!(error instanceof GithubError) || attempt === MAX_ATTEMPTS) throw error
        if (error.code === 'unauthorized' && !renew) {
          renew = true
          continue
        }
        const waitMs = waitBefore(error, attempt)
        if (waitMs === undefined) throw error
        await this.options.clock.sleep(waitMs)
      }
    }
  }

  async #attempt(sent: Sent, renew: boolean): Promise<Reply> {
    const { clock, onCall } = this.options
    const { method } = sent.request
    const authorization = await this.options.authorization(renew)
    const startedAt = clock.now()
    const counted = (reply: Reply | undefined) => {
      const dateMs = Date.parse(String(reply?.headers.date))
      if (!Number.isNaN(dateMs)) this.options.onDate?.(dateMs)
      onCall?.({
        method,
        route: sent.route,
        status: reply?.status ?? 0,
        remaining: Number(reply?.headers['x-ratelimit-remaining'] ?? Number.NaN) || null,
        durationMs: clock.now() - startedAt,
      })
    }
    const failed = (reply: Reply | undefined, cause?: unknown) =>
      toGithubError(
        {
          what: describe(sent),
          isWrite: method !== 'GET',
          isRepeatable: sent.isRepeatable,
          status: reply?.status,
          headers: reply?.headers ?? {},
          body: reply?.body,
          cause,
        },
        clock.now(),
      )
    const headers = {
      'x-github-api-version': API_VERSION,
      authorization,
      ...(sent.etag !== undefined && { 'if-none-match': sent.etag }),
    }
    let reply: Reply
    try {
      reply = await this.#wire.send(sent.request, headers, AbortSignal.timeout(CALL_TIMEOUT_MS))
    } catch (error) {
      counted(undefined)
      throw failed(undefined, error)
    }
    counted(reply)
    if (reply.status === 304 || (reply.status >= 200 && reply.status < 300)) return reply
    throw failed(reply)
  }

  #parse<T>(route: string, schema: z.ZodType<T>, body: unknown): T {
    const parsed = schema.safeParse(body)
    if (!parsed.success) throw unreadable(route, false, parsed.error)
    return parsed.data
  }
}

const ABSENT_MS = 600_000
const MAX_IMMUTABLE = 5000

/** Undefined: not to be tried again here. */
function waitBefore(error: GithubError, attempt: number): number | undefined {
  if (error.code === 'unavailable') return 500 * 2 ** (attempt - 1)
  if (error.code !== 'rate-limited' || error.retryAfterMs === undefined) return undefined
  return error.retryAfterMs <= LONGEST_WAIT_MS ? error.retryAfterMs : undefined
}

/** The route with its names filled in; bodies and tokens never show. */
function describe({ route, parameters }: Sent): string {
  return route.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? `{${name}}`))
}
