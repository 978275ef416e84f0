/** Answered at once by everything that runs in this process without waiting. */
const SYNCHRONOUS = new Set(['now', 'addressOf', 'listen', 'fraction', 'hex', 'ulid'])

/** Whether a simulated process runs, stands still (SIGSTOP) or is dead (SIGKILL). */
export class Life {
  #isDead = false
  #frozen: Promise<void> | null = null
  #thaw: () => void = () => {}

  get isDead(): boolean {
    return this.#isDead
  }

  get isFrozen(): boolean {
    return this.#frozen !== null
  }

  kill(): void {
    this.#isDead = true
  }

  freeze(): void {
    this.#frozen ??= new Promise((resolve) => {
      this.#thaw = resolve
    })
  }

  thaw(): void {
    this.#frozen = null
    this.#thaw()
  }

  /** Goes on when the process does; a dead one never does, so what it was about to do never happens. */
  async running(): Promise<void> {
    while (this.#frozen !== null && !this.#isDead) await this.#frozen
    if (this.#isDead) await new Promise(() => {})
  }

  /** The world as this process reaches it: a call that has left goes on out there, but its answer finds nobody. */
  gate<T extends object>(target: T): T {
    const life = this
    return new Proxy(target, {
      get(object, key) {
        const value: unknown = Reflect.get(object, key, object)
        if (typeof value === 'object' && value !== null) return life.gate(value)
        if (typeof value !== 'function') return value
        if (key === 'listen') {
          return (channel: string, listener: () => void) =>
            value.call(object, channel, () => void life.running().then(listener))
        }
        if (SYNCHRONOUS.has(String(key))) return value.bind(object)
        return async (...given: unknown[]) => {
          await life.running()
          try {
            return await value.apply(object, given)
          } finally {
            await life.running()
          }
        }
      },
    })
  }
}
