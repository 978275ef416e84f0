import type { MicroUsd } from '../ports/money.ts'
import type { Candidate, GpuOffer } from '../ports/pods.ts'
import type { FleetPolicy } from './policy.ts'

/** `gpu/cloud` → when it may be tried again. */
export type CoolDowns = Readonly<
  Record<string, { readonly until: number; readonly cause: 'no-capacity' | 'boot-failed' | 'refused' }>
>

export interface PricedCandidate {
  readonly candidate: Candidate
  /** The catalogue's price; the ceiling itself while the catalogue is silent, so that a reservation errs on the careful side. */
  readonly microUsdPerHour: MicroUsd
}

export interface CandidateChoice {
  /** The ones to try now, in order. */
  readonly ready: readonly PricedCandidate[]
  /** When the first that cools down may be tried again; null when none does. */
  readonly nextAt: number | null
  /** One sentence per GPU and cloud that is out of the question. */
  readonly excluded: readonly string[]
}

export function candidateKey(candidate: Candidate): string {
  return `${candidate.gpu}/${candidate.cloud}`
}

/** GPUs in the configured order, each in the configured clouds; what is too dear, unknown, or cooling down is left out and named. */
export function chooseCandidates(
  policy: Pick<FleetPolicy, 'gpus' | 'cloud' | 'dataCenterIds' | 'maxMicroUsdPerHour'>,
  offers: readonly GpuOffer[] | null,
  coolDowns: CoolDowns,
  now: number,
): CandidateChoice {
  const ready: PricedCandidate[] = []
  const excluded: string[] = []
  const waits: number[] = []
  for (const gpu of policy.gpus) {
    const offer = offers?.find((known) => known.gpu === gpu)
    if (offers !== null && offers.length > 0 && offer === undefined) {
      excluded.push(`${gpu} is not in the provider's catalogue`)
      continue
    }
    for (const cloud of policy.cloud) {
      const candidate: Candidate = { gpu, cloud, dataCenterIds: cloud === 'SECURE' ? policy.dataCenterIds : [] }
      const price = priceOf(offer, cloud, policy.maxMicroUsdPerHour)
      const coolDown = coolDowns[candidateKey(candidate)]
      if (price === null) excluded.push(`${gpu} is not offered in ${cloud}`)
      else if (price > policy.maxMicroUsdPerHour)
        excluded.push(`${gpu} in ${cloud} costs ${usd(price)} an hour, above ${usd(policy.maxMicroUsdPerHour)}`)
      else if (coolDown !== undefined && coolDown.until > now) waits.push(coolDown.until)
      else ready.push({ candidate, microUsdPerHour: price })
    }
  }
  return { ready, nextAt: waits.length === 0 ? null : Math.min(...waits), excluded }
}

function priceOf(offer: GpuOffer | undefined, cloud: Candidate['cloud'], ceiling: MicroUsd): MicroUsd | null {
  if (offer === undefined) return ceiling
  return cloud === 'SECURE' ? offer.secureMicroUsdPerHour : offer.communityMicroUsdPerHour
}

function usd(micro: number): string {
  return `$${(micro / 1_000_000).toFixed(2)}`
}
