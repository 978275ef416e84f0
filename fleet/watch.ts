import { isCodedError } from '../ports/errors.ts'
import type { PodRow } from '../ports/store.ts'
import { ListWatch, type PodList } from './list-watch.ts'
import type { FleetParts } from './parts.ts'
import { podToken } from './pod-token.ts'
import type { FleetPolicy } from './policy.ts'
import { errorText, type Refusal } from './refusal.ts'
import type { GuardView, Sighting, SignsOfLife } from './observation.ts'
import type { Term } from './term.ts'

interface GuardSeen {
  readonly view: GuardView
  readonly askedAt: number
}

/** Looks at the world beside the loop, so that a hanging call never holds it up, and rings when something new was seen. */
export class Watch {
  readonly #parts: FleetParts
  readonly #policy: FleetPolicy
  readonly #term: Term
  readonly #ring: () => void
  readonly #guards = new Map<string, GuardSeen>()
  readonly #asking = new Set<string>()
  readonly #life = new Map<string, SignsOfLife>()
  readonly #beatAt = new Map<string, number>()
  readonly #running = new Set<Promise<void>>()
  readonly #bornAt: number
  readonly #lists: ListWatch

  constructor(parts: FleetParts, policy: FleetPolicy, term: Term, ring: () => void) {
    this.#parts = parts
    this.#policy = policy
    this.#term = term
    this.#ring = ring
    this.#bornAt = parts.clock.now()
    this.#lists = new ListWatch(parts, policy.timings.listTimeoutMs, term)
  }

  get list(): PodList | null {
    return this.#lists.last
  }

  /** Why the account lists nothing until somebody acts; null while nothing like that was said. */
  get refusal(): Refusal | null {
    return this.#lists.refusal
  }

  /** Begins a list unless one is under way or the last is younger than `everyMs`. */
  lookAtList(everyMs: number): void {
    const look = this.#lists.due(everyMs)
    if (look !== undefined) this.run(look)
  }

  /** The clock was set: lists and guards are looked at soon, and nothing that was dated by it is known before. */
  startAnew(): void {
    const now = this.#parts.clock.now()
    // Looks that were due by a clock that was ahead would not be for as long as it was.
    for (const [name, { view }] of this.#guards)
      this.#guards.set(name, { view: view.kind === 'silent' ? { ...view, since: now } : view, askedAt: now })
    this.#beatAt.clear()
    this.#lists.forget()
    this.#life.clear()
  }

  /** Asks a pod's guard how it is, and tells it that we live. */
  lookAtGuard(row: PodRow, everyMs: number): void {
    const { providerId } = row
    const now = this.#parts.clock.now()
    const seen = this.#guards.get(row.name)
    if (
      providerId === null ||
      this.#asking.has(row.name) ||
      now - (seen?.askedAt ?? Number.NEGATIVE_INFINITY) < everyMs
    )
      return
    this.#asking.add(row.name)
    const address = {
      url: this.#parts.provider.addressOf(providerId, this.#policy.pod.httpPort),
      token: podToken(this.#parts.tokenSecret, row.name),
    }
    this.run(async () => {
      let view: GuardView
      try {
        const status = await this.#parts.guard.status(
          { ...address, model: row.model, load: row.load },
          this.#term.signal,
        )
        view = { kind: 'answered', status }
        this.#life.set(row.name, { aliveAt: now, silentAt: null })
        await this.#beat(row.name, address)
      } catch (error) {
        const isAnswer = isCodedError(error) && error.code === 'unauthorized'
        if (isAnswer) this.#parts.log.warn({ pod: row.name, error: errorText(error) }, 'A guard refused our token')
        const since =
          seen?.view.kind === 'silent' ? seen.view.since : seen?.view.kind === 'answered' ? seen.askedAt : this.#bornAt
        view = { kind: 'silent', since }
        this.#noteSilence(row, now)
      } finally {
        this.#asking.delete(row.name)
      }
      this.#guards.set(row.name, { view, askedAt: now })
    })
  }

  guardOf(row: PodRow): GuardView {
    return this.#guards.get(row.name)?.view ?? { kind: 'unasked' }
  }

  /** A list that shows the pod at a price proves its life as its guard does. */
  lifeOf(row: PodRow): SignsOfLife {
    const life = this.#life.get(row.name) ?? { aliveAt: null, silentAt: null }
    const sighting = this.sightingOf(row)
    const isProof =
      sighting.kind === 'present' &&
      sighting.pod.microUsdPerHour > 0 &&
      sighting.startedAt > Math.max(life.aliveAt ?? 0, life.silentAt ?? 0)
    if (!isProof) return life
    const proven = { aliveAt: sighting.startedAt, silentAt: null }
    this.#life.set(row.name, proven)
    return proven
  }

  sightingOf(row: PodRow): Sighting {
    if (this.list === null) return { kind: 'unknown' }
    const { startedAt, pods } = this.list
    const pod = pods.find((other) => (row.providerId === null ? other.name === row.name : other.id === row.providerId))
    return pod === undefined ? { kind: 'absent', startedAt } : { kind: 'present', startedAt, pod }
  }

  /** Starts work beside the loop; what it throws is its own business, and the term's end waits for it. */
  run(work: () => Promise<void>): void {
    const running = work()
      .catch((error) => this.#parts.log.warn({ error: errorText(error) }, 'Work beside the fleet loop failed'))
      .finally(() => {
        this.#running.delete(running)
        this.#ring()
      })
    this.#running.add(running)
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Only of a guard that has answered: before, silence means that it is not up yet. */
  #noteSilence(row: PodRow, askedAt: number): void {
    const life = this.#life.get(row.name) ?? { aliveAt: null, silentAt: null }
    const isFirst =
      life.silentAt === null && (row.readyAt !== null || this.#guards.get(row.name)?.view.kind === 'answered')
    if (isFirst) this.#life.set(row.name, { ...life, silentAt: askedAt })
  }

  async #beat(name: string, address: { readonly url: string; readonly token: string }): Promise<void> {
    const now = this.#parts.clock.now()
    if (now - (this.#beatAt.get(name) ?? Number.NEGATIVE_INFINITY) < this.#policy.timings.heartbeatMs) return
    await this.#parts.guard.heartbeat(address, this.#term.signal)
    this.#beatAt.set(name, now)
  }
}
