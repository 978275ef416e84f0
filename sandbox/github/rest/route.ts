import type { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import type { Access } from '../auth/access.ts'
import { type Caller, findActor } from '../auth/caller.ts'
import type { OperationName } from '../contracts/operation-names.ts'
import type { GitRepository } from '../git/git-repository.ts'
import type { Account, Actor } from '../state/account.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'

export interface Reply {
  readonly status: number
  /** Sent as JSON unless `text` is there. */
  readonly body?: unknown
  readonly text?: string | Buffer
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One operation of the API: its name in GitHub's document, who may call it, and what it does. */
export interface Route {
  readonly name: OperationName
  readonly access: Access
  readonly handle: (call: Call) => Reply | Promise<Reply>
}

/** A request, matched, authenticated and parsed. */
export class Call {
  readonly world: World
  readonly caller: Caller
  readonly url: URL
  readonly accept: string
  readonly body: unknown
  readonly #params: Readonly<Record<string, string>>
  readonly #repository: Repository | undefined

  constructor(parts: {
    world: World
    caller: Caller
    url: URL
    accept: string
    body: unknown
    params: Readonly<Record<string, string>>
    repository: Repository | undefined
  }) {
    this.world = parts.world
    this.caller = parts.caller
    this.url = parts.url
    this.accept = parts.accept
    this.body = parts.body
    this.#params = parts.params
    this.#repository = parts.repository
  }

  get repository(): Repository {
    if (this.#repository === undefined) throw notFound()
    return this.#repository
  }

  get git(): GitRepository {
    return this.world.git(this.repository)
  }

  get actor(): Actor {
    const actor = findActor(this.caller)
    if (actor === undefined) throw new ApiError(401, 'Requires authentication')
    return actor
  }

  get viewer(): Account | undefined {
    return findActor(this.caller)?.account
  }

  param(name: string): string {
    const value = this.#params[name]
    if (value === undefined) throw notFound()
    return value
  }

  number(name: string): number {
    return Number(this.param(name))
  }

  query(name: string): string | undefined {
    return this.url.searchParams.get(name) ?? undefined
  }

  /** The body in the shape the operation needs, or GitHub's 422. */
  read<Shape extends z.ZodType>(shape: Shape): z.infer<Shape> {
    const parsed = shape.safeParse(this.body ?? {})
    if (parsed.success) return parsed.data
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ApiError(422, `Invalid request.\n\n${problems.join('\n')}`)
  }

  wants(mediaType: string): boolean {
    return this.accept.includes(mediaType)
  }
}
