import type { Account } from './account.ts'
import { listPodBilling } from './billing.ts'
import { getGpu, listDataCenters, listGpus } from './catalog.ts'
import type { Operation } from './faults.ts'
import { act, type Call, create, get, list, remove, update } from './operations.ts'
import type { Reply } from './reply.ts'
import { createVolume, getVolume, listVolumes, removeVolume, updateVolume } from './volumes.ts'

/** One call of REST v2. */
export interface Route {
  readonly pattern: RegExp
  readonly method: string
  readonly operation: Operation
  readonly run: (account: Account, call: Call) => Reply
  /** The vendor's schema names for the two bodies. */
  readonly asks?: string
  readonly answers?: string
}

export const routes: readonly Route[] = [
  {
    method: 'POST',
    pattern: /^\/v2\/pods$/,
    operation: 'create',
    run: create,
    asks: 'CreatePodRequest',
    answers: 'Pod',
  },
  { method: 'GET', pattern: /^\/v2\/pods$/, operation: 'list', run: list, answers: 'ListPodsResponse' },
  { method: 'GET', pattern: /^\/v2\/pods\/([^/]+)$/, operation: 'get', run: get, answers: 'Pod' },
  {
    method: 'PATCH',
    pattern: /^\/v2\/pods\/([^/]+)$/,
    operation: 'update',
    run: update,
    asks: 'UpdatePodRequest',
    answers: 'Pod',
  },
  { method: 'DELETE', pattern: /^\/v2\/pods\/([^/]+)$/, operation: 'delete', run: remove },
  {
    method: 'POST',
    pattern: /^\/v2\/pods\/([^/]+)\/action$/,
    operation: 'action',
    run: act,
    asks: 'PodActionRequest',
    answers: 'Pod',
  },
  {
    method: 'GET',
    pattern: /^\/v2\/catalog\/gpus$/,
    operation: 'catalog',
    run: listGpus,
    answers: 'ListGpuTypesResponse',
  },
  { method: 'GET', pattern: /^\/v2\/catalog\/gpus\/([^/]+)$/, operation: 'catalog', run: getGpu, answers: 'GpuType' },
  {
    method: 'GET',
    pattern: /^\/v2\/catalog\/datacenters$/,
    operation: 'catalog',
    run: listDataCenters,
    answers: 'ListDataCentersResponse',
  },
  {
    method: 'GET',
    pattern: /^\/v2\/billing\/pods$/,
    operation: 'billing',
    run: listPodBilling,
    answers: 'ListPodBillingResponse',
  },
  {
    method: 'GET',
    pattern: /^\/v2\/network-volumes$/,
    operation: 'volumes',
    run: listVolumes,
    answers: 'ListNetworkVolumesResponse',
  },
  {
    method: 'POST',
    pattern: /^\/v2\/network-volumes$/,
    operation: 'volumes',
    run: createVolume,
    asks: 'CreateNetworkVolumeRequest',
    answers: 'NetworkVolume',
  },
  {
    method: 'GET',
    pattern: /^\/v2\/network-volumes\/([^/]+)$/,
    operation: 'volumes',
    run: getVolume,
    answers: 'NetworkVolume',
  },
  {
    method: 'PATCH',
    pattern: /^\/v2\/network-volumes\/([^/]+)$/,
    operation: 'volumes',
    run: updateVolume,
    asks: 'UpdateNetworkVolumeRequest',
    answers: 'NetworkVolume',
  },
  { method: 'DELETE', pattern: /^\/v2\/network-volumes\/([^/]+)$/, operation: 'volumes', run: removeVolume },
]
