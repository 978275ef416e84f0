import type { Clock } from '../ports/clock.ts'
import type { Candidate } from '../ports/pods.ts'
import type { FactStore } from '../ports/store.ts'
import { type CoolDowns, candidateKey } from './candidates.ts'

const COOL_DOWNS_KEY = 'fleet/cool-downs'

/** Which candidates rest, until when and why; kept with the data, so that the next leader lets them rest too. */
export class CoolDownBook {
  readonly #facts: FactStore
  readonly #clock: Clock
  #coolDowns: CoolDowns = {}

  constructor(facts: FactStore, clock: Clock) {
    this.#facts = facts
    this.#clock = clock
  }

  get current(): CoolDowns {
    return this.#coolDowns
  }

  async load(): Promise<void> {
    const stored = await this.#facts.get(COOL_DOWNS_KEY)
    if (typeof stored === 'object' && stored !== null && !Array.isArray(stored)) {
      this.#coolDowns = stored as unknown as CoolDowns
    }
  }

  async add(candidate: Candidate, cause: CoolDowns[string]['cause'], ms: number): Promise<void> {
    this.#coolDowns = { ...this.#coolDowns, [candidateKey(candidate)]: { until: this.#clock.now() + ms, cause } }
    await this.#facts.set(COOL_DOWNS_KEY, this.#coolDowns)
  }

  /** Why candidates rest now. */
  causes(): readonly CoolDowns[string]['cause'][] {
    const now = this.#clock.now()
    return Object.values(this.#coolDowns)
      .filter((coolDown) => coolDown.until > now)
      .map((coolDown) => coolDown.cause)
  }
}
