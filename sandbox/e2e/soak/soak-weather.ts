import type { Clock, Random } from '../../../ports/clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export type Spell = 'fine' | 'github-down' | 'github-limited' | 'github-slow' | 'no-gpu' | 'model-sick'

const SPELLS: readonly { readonly spell: Spell; readonly leastMs: number; readonly mostMs: number }[] = [
  { spell: 'github-down', leastMs: 5 * MINUTE, mostMs: 90 * MINUTE },
  { spell: 'github-limited', leastMs: 2 * MINUTE, mostMs: 15 * MINUTE },
  { spell: 'github-slow', leastMs: 10 * MINUTE, mostMs: HOUR },
  { spell: 'no-gpu', leastMs: 10 * MINUTE, mostMs: 50 * MINUTE },
  { spell: 'model-sick', leastMs: 10 * MINUTE, mostMs: 40 * MINUTE },
]

/** What the vendors are like at the moment: mostly fine, with some faults always, and bad spells that come and go. */
export class SoakWeather {
  readonly #clock: Clock
  readonly #random: Random
  readonly spells: Record<Spell, number> = {
    fine: 0,
    'github-down': 0,
    'github-limited': 0,
    'github-slow': 0,
    'no-gpu': 0,
    'model-sick': 0,
  }
  #now: Spell = 'fine'

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** One spell from now on, until told otherwise. */
  force(spell: Spell): void {
    this.#now = spell
    this.spells[spell] += 1
  }

  is(spell: Spell): boolean {
    return this.#now === spell
  }

  hits(chance: number): boolean {
    return this.#random.fraction() < chance
  }

  between(least: number, most: number): number {
    return least + this.#random.fraction() * (most - least)
  }

  /** Bad spells, one after the other, until `endsAt`; fine afterwards. */
  async change(endsAt: number): Promise<void> {
    while (this.#clock.now() < endsAt) {
      await this.#clock.sleep(this.between(HOUR, 5 * HOUR))
      const { spell, leastMs, mostMs } = SPELLS[Math.floor(this.#random.fraction() * SPELLS.length)] ?? NONE
      if (this.#clock.now() + mostMs >= endsAt) break
      this.#now = spell
      this.spells[spell] += 1
      await this.#clock.sleep(this.between(leastMs, mostMs))
      this.#now = 'fine'
    }
  }
}

const NONE = { spell: 'fine', leastMs: 0, mostMs: 0 } as const
