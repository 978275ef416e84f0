import type { Account } from './account.ts'
import { freeGpus } from './create-pod.ts'
import { dataCenters, type GpuOffer } from './offers.ts'
import type { Call } from './operations.ts'
import { json, ProblemReply, type Reply } from './reply.ts'

/** GET /v2/catalog/gpus[/{id}] */
export function listGpus(account: Account, call: Call): Reply {
  const wantsStock = wants(call, 'AVAILABILITY')
  if (wantsStock && !['POD', 'CLUSTER', 'SERVERLESS'].includes(call.query.get('product') ?? '')) {
    throw new ProblemReply(400, 'include=AVAILABILITY requires product')
  }
  return json(200, { gpus: account.offers.map((offer) => render(account, offer, wantsStock)) })
}

export function getGpu(account: Account, call: Call): Reply {
  const offer = account.offers.find((candidate) => candidate.id === decodeURIComponent(call.id))
  if (offer === undefined) throw new ProblemReply(404, `gpu type ${call.id} not found`)
  return json(200, render(account, offer, wants(call, 'AVAILABILITY')))
}

/** GET /v2/catalog/datacenters */
export function listDataCenters(account: Account, call: Call): Reply {
  const wantsStock = wants(call, 'GPU_AVAILABILITY')
  const gpuAvailability = account.offers.map((offer) => ({
    id: offer.id,
    name: offer.name,
    availability: stock(account, offer),
  }))
  return json(200, {
    dataCenters: dataCenters.map((center) => ({
      ...center,
      compliance: [],
      globalNetwork: true,
      ...(wantsStock ? { gpuAvailability } : {}),
    })),
  })
}

function wants(call: Call, expansion: string): boolean {
  return (call.query.get('include') ?? '').split(',').includes(expansion)
}

function render(account: Account, offer: GpuOffer, wantsStock: boolean) {
  return {
    id: offer.id,
    name: offer.name,
    manufacturer: 'NVIDIA',
    memory: offer.memoryGb,
    pool: offer.pool,
    secure: offer.secureMicroUsd !== null,
    community: offer.communityMicroUsd !== null,
    price: { secure: (offer.secureMicroUsd ?? 0) / 1e6, community: (offer.communityMicroUsd ?? 0) / 1e6 },
    maxCount: { secure: offer.secureMicroUsd === null ? 0 : 8, community: offer.communityMicroUsd === null ? 0 : 4 },
    ...(wantsStock ? availability(account, offer) : {}),
  }
}

function availability(account: Account, offer: GpuOffer) {
  const level = stock(account, offer)
  return {
    availability: level,
    dataCenters: dataCenters.map(({ id, name }) => ({ id, name, availability: level })),
    cudaVersions: ['12.4', '12.8'].map((version) => ({ version, available: level !== 'NONE' })),
  }
}

function stock(account: Account, offer: GpuOffer): 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH' {
  const free = freeGpus(account, offer)
  if (free < 1) return 'NONE'
  if (free < 3) return 'LOW'
  return free < 6 ? 'MEDIUM' : 'HIGH'
}
