import { expect, test } from 'vitest'
import { podId } from '../ports/ids.ts'
import { microUsd } from '../ports/money.ts'
import type { ProviderPod } from '../ports/pods.ts'
import { buildPodName } from './pod-name.ts'
import { type SweepInput, sweep } from './sweep.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const HOUR = 3_600_000
const ULID = '01HZZZZZZZZZZZZZZZZZZZZZZZ'
const ours = buildPodName({ installId: 'abcd1234', ulid: ULID, deadlineAt: NOW + HOUR })
const late = buildPodName({ installId: 'abcd1234', ulid: ULID, deadlineAt: NOW - HOUR })
const other = buildPodName({ installId: 'zzzz9999', ulid: ULID, deadlineAt: NOW - HOUR })

function pod(name: string, id = 'p1', status: ProviderPod['status'] = 'RUNNING'): ProviderPod {
  return {
    id: podId.parse(id),
    name,
    status,
    gpuCount: 1,
    gpu: null,
    cloud: null,
    microUsdPerHour: microUsd(1),
    createdAt: NOW,
  }
}

function swept(pods: readonly ProviderPod[], rows: SweepInput['rows'] = new Map()): string[] {
  const input = { pods, rows, installId: 'abcd1234', now: NOW, sightingMs: 30_000 }
  const first = sweep({ ...input, listedAt: NOW, memory: new Map() })
  expect(first.reap).toEqual([])
  const soon = sweep({ ...input, listedAt: NOW + 29_999, memory: first.memory })
  expect(soon.reap).toEqual([])
  return sweep({ ...input, listedAt: NOW + 30_000, memory: soon.memory }).reap.map(({ id }) => id)
}

const row = (state: 'ready' | 'gone' | 'rejected' | 'intent', providerId: string | null) => ({
  state,
  providerId: providerId === null ? null : podId.parse(providerId),
})

test.each<[string, ProviderPod, SweepInput['rows'], readonly string[]]>([
  ['ours, without a row', pod(ours), new Map(), ['p1']],
  ['ours, with a live row', pod(ours), new Map([[ours, row('ready', 'p1')]]), []],
  ['ours, while its create has no answer', pod(ours), new Map([[ours, row('intent', null)]]), []],
  ['a late riser of a rejected row', pod(ours), new Map([[ours, row('rejected', null)]]), ['p1']],
  ['risen from the dead', pod(ours), new Map([[ours, row('gone', 'p1')]]), ['p1']],
  ['a second pod of one name', pod(ours, 'p2'), new Map([[ours, row('ready', 'p1')]]), ['p2']],
  ['past its deadline, live row or not', pod(late), new Map([[late, row('ready', 'p1')]]), ['p1']],
  ['of another install, past its deadline', pod(other), new Map(), []],
  ['foreign', pod('training-run'), new Map(), []],
  ['terminated already', pod(ours, 'p1', 'TERMINATED'), new Map(), []],
])('%s', (_, listed, rows, expected) => {
  expect(swept([listed], rows)).toEqual(expected)
})

test('a pod that is not seen in between begins anew', () => {
  const input = { rows: new Map(), installId: 'abcd1234', now: NOW, sightingMs: 30_000 }
  const first = sweep({ ...input, pods: [pod(ours)], listedAt: NOW, memory: new Map() })
  const gap = sweep({ ...input, pods: [], listedAt: NOW + 20_000, memory: first.memory })
  expect(sweep({ ...input, pods: [pod(ours)], listedAt: NOW + 40_000, memory: gap.memory }).reap).toEqual([])
})
