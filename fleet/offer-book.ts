import type { GpuOffer } from '../ports/pods.ts'
import type { FleetParts } from './parts.ts'
import { errorText } from './refusal.ts'

/** Prices and stock, read again when they are older than `freshMs`. */
export class OfferBook {
  readonly #parts: Pick<FleetParts, 'market' | 'clock' | 'log'>
  readonly #freshMs: number
  #read: { readonly at: number; readonly offers: readonly GpuOffer[] | null } | null = null

  constructor(parts: Pick<FleetParts, 'market' | 'clock' | 'log'>, freshMs: number) {
    this.#parts = parts
    this.#freshMs = freshMs
  }

  /** Null when they cannot be had: the ceiling is assumed. */
  async current(signal: AbortSignal): Promise<readonly GpuOffer[] | null> {
    const { market, clock, log } = this.#parts
    const now = clock.now()
    if (market === null) return null
    if (this.#read !== null && now - this.#read.at < this.#freshMs) return this.#read.offers
    try {
      this.#read = { at: now, offers: await market.offers(signal) }
    } catch (error) {
      log.warn({ error: errorText(error) }, 'Prices could not be read; the ceiling is assumed')
      this.#read = { at: now, offers: null }
    }
    return this.#read.offers
  }
}
