/** A GPU type in the emulated catalogue. Prices in micro-dollars per hour for one GPU; null: not offered there. */
export interface GpuOffer {
  readonly id: string
  readonly name: string
  readonly memoryGb: number
  readonly pool: string | null
  readonly secureMicroUsd: number | null
  readonly communityMicroUsd: number | null
  /** GPUs that can be rented at once; what is rented counts against it. */
  readonly stock: number
}

export const defaultOffers: readonly GpuOffer[] = [
  offer('NVIDIA GeForce RTX 4090', 'RTX 4090', 24, 'ADA_24', 0.69, 0.34),
  offer('NVIDIA RTX A5000', 'RTX A5000', 24, 'AMPERE_24', 0.27, 0.16),
  offer('NVIDIA GeForce RTX 3090', 'RTX 3090', 24, 'AMPERE_24', 0.46, 0.22),
  offer('NVIDIA L4', 'L4', 24, 'AMPERE_24', 0.39, null),
  offer('NVIDIA L40S', 'L40S', 48, 'ADA_48_PRO', 0.86, 0.79),
  offer('NVIDIA A100 80GB PCIe', 'A100 PCIe', 80, 'AMPERE_80', 1.64, 1.19),
]

function offer(
  id: string,
  name: string,
  memoryGb: number,
  pool: string,
  secureUsd: number,
  communityUsd: number | null,
): GpuOffer {
  return {
    id,
    name,
    memoryGb,
    pool,
    secureMicroUsd: Math.round(secureUsd * 1e6),
    communityMicroUsd: communityUsd === null ? null : Math.round(communityUsd * 1e6),
    stock: 8,
  }
}

export const dataCenters = [
  { id: 'EU-RO-1', name: 'Romania', region: 'EUROPE', networkVolumeTypes: ['STANDARD'] },
  { id: 'EU-SE-1', name: 'Sweden', region: 'EUROPE', networkVolumeTypes: ['STANDARD'] },
  { id: 'US-TX-3', name: 'Texas', region: 'NORTH_AMERICA', networkVolumeTypes: ['STANDARD', 'HIGH_PERFORMANCE'] },
  { id: 'US-KS-2', name: 'Kansas', region: 'NORTH_AMERICA', networkVolumeTypes: [] },
] as const
