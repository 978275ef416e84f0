import type { PodsErrorCode } from '../ports/errors.ts'
import type { ProviderPod } from '../ports/pods.ts'
import type { CoolDownBook } from './cool-down-book.ts'
import type { Refusal } from './refusal.ts'

/** What became of a wish for a pod. */
export type RentOutcome =
  /** `isSure`: the provider answered with the pod; otherwise one may exist. */
  | { readonly kind: 'sent'; readonly isSure: boolean }
  /** Not now: the note is shown to those who wait. */
  | { readonly kind: 'wait'; readonly note: string; readonly until: number }
  /** Never, as things stand: told to those who wait. */
  | { readonly kind: 'refuse'; readonly refusal: Refusal; readonly scope: 'job' | 'all' }

/** What a create answered, and when. */
export type CreateResult =
  | { readonly kind: 'created'; readonly at: number; readonly pod: ProviderPod }
  | { readonly kind: 'refused'; readonly code: PodsErrorCode }

/** Nothing may be tried now: because nothing fits the settings, because all was refused alike, or because all rest. */
export function noCandidate(
  { nextAt, excluded }: { readonly nextAt: number | null; readonly excluded: readonly string[] },
  causes: ReturnType<CoolDownBook['causes']>,
  lastRefused: string,
): RentOutcome {
  if (nextAt === null) {
    return {
      kind: 'refuse',
      scope: 'all',
      refusal: {
        code: 'rule-broken',
        message: `No GPU may be rented: ${excluded.join('; ')}.`,
        remedy: 'Change fleet.gpus, fleet.cloud or fleet.maxUsdPerHour.',
      },
    }
  }
  // A broken rule fails alike everywhere; that is how it differs from missing capacity.
  if (causes.length > 0 && causes.every((cause) => cause === 'refused')) {
    return {
      kind: 'refuse',
      scope: 'all',
      refusal: {
        code: 'rule-broken',
        message: `Every GPU and cloud was refused, so the request itself is wrong: ${lastRefused}`,
        remedy: 'Correct the fleet settings named in the answer.',
      },
    }
  }
  return { kind: 'wait', note: `No capacity; next try at ${new Date(nextAt).toISOString()}.`, until: nextAt }
}
