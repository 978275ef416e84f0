import { type Account, spentMicroUsd, token } from './account.ts'
import type { EmulatedPod } from './emulated-pod.ts'
import { isBootFault, rollBoot } from './faults.ts'
import { beginBoot } from './life-cycle.ts'
import { Meter } from './meter.ts'
import type { GpuOffer } from './offers.ts'
import { ProblemReply } from './reply.ts'
import type { CreatePodBody } from './request-bodies.ts'

const noInstances =
  'There are no longer any instances available with the requested specifications. Please refresh and try again.'

/** Places one pod or refuses it with the vendor's status. */
export function createPod(account: Account, body: CreatePodBody): EmulatedPod {
  checkRules(account, body)
  const cloud = body.cloud ?? 'SECURE'
  const microUsdPerHour = price(account, body, cloud)
  checkBalance(account, microUsdPerHour)
  const now = account.clock.now()
  const scripted = account.faults.take('boot')?.fault
  const pod: EmulatedPod = {
    id: token(account.random, 14),
    name: body.name,
    body,
    image: body.image ?? '',
    env: body.env ?? {},
    status: 'PROVISIONING',
    gpuCount: body.gpu?.count ?? 0,
    cloud,
    dataCenterId: body.dataCenterIds?.[0] ?? (cloud === 'SECURE' ? 'EU-RO-1' : null),
    microUsdPerHour,
    meter: new Meter(microUsdPerHour),
    scopedKey: `rpa_POD${token(account.random, 32)}`,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    locked: false,
    bootFault: scripted !== undefined && isBootFault(scripted) ? scripted : rollBoot(account.chaos, account.random),
    container: undefined,
    cancelNext: () => {},
    restarts: 0,
    logs: [],
  }
  account.pods.set(pod.id, pod)
  beginBoot(account, pod)
  return pod
}

function checkRules(account: Account, body: CreatePodBody): void {
  if ((body.gpu === undefined) === (body.cpu === undefined)) {
    throw new ProblemReply(400, 'exactly one of gpu or cpu must be given')
  }
  if (body.templateId !== undefined) throw new ProblemReply(404, `template ${body.templateId} not found`)
  if (!/^[\w.-]+(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/.test(body.image ?? '')) {
    throw new ProblemReply(422, 'image is not a valid reference', [
      `$.image: '${body.image}' is not an image reference`,
    ])
  }
  if (body.gpu?.allowedCudaVersions !== undefined && body.gpu.minCudaVersion !== undefined) {
    throw new ProblemReply(400, 'allowedCudaVersions and minCudaVersion exclude each other')
  }
  if (body.mounts?.persistent !== undefined && body.mounts.network !== undefined) {
    throw new ProblemReply(400, 'mounts.persistent and mounts.network exclude each other')
  }
  if ((body.ports ?? []).filter((port) => port.endsWith('/http')).length > 10) {
    throw new ProblemReply(400, 'at most 10 http ports')
  }
  for (const mount of body.mounts?.network ?? []) {
    const volume = account.volumes.get(mount.volumeId)
    if (volume === undefined) throw new ProblemReply(404, `network volume ${mount.volumeId} not found`)
    if (body.cloud === 'COMMUNITY') throw new ProblemReply(400, 'network volumes need SECURE cloud')
    const isElsewhere = body.dataCenterIds !== undefined && !body.dataCenterIds.includes(volume.dataCenter)
    if (isElsewhere) throw new ProblemReply(400, `network volume ${volume.id} is in ${volume.dataCenter}`)
  }
}

function price(account: Account, body: CreatePodBody, cloud: 'SECURE' | 'COMMUNITY'): number {
  if (body.gpu === undefined) return 100_000
  const offer = account.offers.find((candidate) => candidate.id === body.gpu?.id)
  if (offer === undefined) throw new ProblemReply(400, `gpu type ${body.gpu.id} does not exist`)
  if ((account.options.closedGpus ?? []).includes(offer.id)) {
    throw new ProblemReply(403, `your account does not have access to ${offer.id}`)
  }
  const perGpu = cloud === 'SECURE' ? offer.secureMicroUsd : offer.communityMicroUsd
  const { count } = body.gpu
  // Left out, the scheduler matches no machine although the schema has a default.
  if (count === undefined || perGpu === null) throw new ProblemReply(400, noInstances)
  // Community hosts belong to no data centre, so naming one rules all of them out.
  if (cloud === 'COMMUNITY' && (body.dataCenterIds?.length ?? 0) > 0) throw new ProblemReply(400, noInstances)
  if (freeGpus(account, offer) < count) throw new ProblemReply(400, noInstances)
  return perGpu * count
}

export function freeGpus(account: Account, offer: GpuOffer): number {
  const taken = [...account.pods.values()].filter(
    (pod) => pod.body.gpu?.id === offer.id && pod.status !== 'TERMINATED' && pod.status !== 'EXITED',
  )
  return offer.stock - taken.reduce((sum, pod) => sum + (pod.body.gpu?.count ?? 0), 0)
}

function checkBalance(account: Account, microUsdPerHour: number): void {
  if (account.balanceMicroUsd - spentMicroUsd(account) < microUsdPerHour) {
    throw new ProblemReply(402, 'insufficient balance to deploy this pod')
  }
}

/** What the API says when it has nothing to give, by fault name. */
export function capacityDetail(fault: string): string {
  return fault === 'no-disk' ? 'There are no instances currently available with enough disk space.' : noInstances
}
