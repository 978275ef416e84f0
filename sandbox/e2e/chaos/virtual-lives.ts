import type { Clock, Random } from '../../../ports/clock.ts'
import { Life } from './life.ts'

const SECOND = 1_000
const MINUTE = 60_000
/** After that a worker has missed its heartbeat. */
const MISSED_MS = 15 * SECOND

interface LivesParts {
  readonly clock: Clock
  readonly random: Random
  readonly guarded: (work: Promise<unknown>) => Promise<void>
  /** Starts a new process. */
  readonly boot: () => void
  /** A queue takes the jobs of a process away whose heartbeat is missed. */
  readonly onMissed: (life: Life) => void
}

/** The processes of a virtual run and what befalls them: kills, stops, and a clock that is set. */
export class VirtualLives {
  readonly #parts: LivesParts
  readonly #lives: Life[] = []
  #offsetMs = 0
  kills = 0
  stops = 0
  clockJumps = 0

  constructor(parts: LivesParts) {
    this.#parts = parts
  }

  begin(): Life {
    const life = new Life()
    this.#lives.push(life)
    return life
  }

  /** What the machine's clock shows; waiting takes as long as it takes. */
  clockOf(life: Life): Clock {
    const clock = life.gate(this.#parts.clock)
    return { now: () => clock.now() + this.#offsetMs, sleep: (ms, signal) => clock.sleep(ms, signal) }
  }

  die(life: Life): void {
    const { clock, guarded, boot, onMissed } = this.#parts
    this.kills += 1
    life.kill()
    this.#lives.splice(this.#lives.indexOf(life), 1)
    // The supervisor starts it again; a queue delivers its jobs elsewhere once its heartbeat is missed.
    void guarded(clock.sleep(3 * SECOND).then(boot))
    void guarded(clock.sleep(10 * SECOND).then(() => onMissed(life)))
  }

  async strike(endsAt: number): Promise<void> {
    const { clock, random, guarded } = this.#parts
    while (clock.now() < endsAt) {
      await clock.sleep((5 + random.fraction() * 60) * SECOND)
      const life = this.#lives[Math.floor(random.fraction() * this.#lives.length)]
      if (life === undefined) continue
      if (random.fraction() < 0.5) this.die(life)
      else void guarded(this.#stopFor(life, (2 + random.fraction() * 30) * SECOND))
    }
  }

  async setClocks(endsAt: number): Promise<void> {
    const { clock, random } = this.#parts
    while (clock.now() < endsAt) {
      await clock.sleep((20 + random.fraction() * 100) * SECOND)
      this.clockJumps += 1
      this.#offsetMs = (random.fraction() * 10 - 5) * MINUTE
    }
    this.#offsetMs = 0
  }

  async #stopFor(life: Life, ms: number): Promise<void> {
    const { clock, onMissed } = this.#parts
    this.stops += 1
    life.freeze()
    await clock.sleep(Math.min(ms, MISSED_MS))
    if (ms > MISSED_MS) {
      onMissed(life)
      await clock.sleep(ms - MISSED_MS)
    }
    life.thaw()
  }
}
