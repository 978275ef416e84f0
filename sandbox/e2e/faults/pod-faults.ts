import type { CallFault, Operation } from '../../runpod/faults.ts'
import { until } from '../__support__/until.ts'
import type { HouseFault, Scene } from './house-fault.ts'

const CALL_TIMES = 3

/** Some calls of one kind in a row. */
function calls(after: Operation, fault: CallFault, times = CALL_TIMES) {
  return async ({ house, ask, job }: Scene) => {
    house.runpod.script({ after, fault, times })
    ask()
    await until('the job to begin', async () => (await job()) !== undefined)
  }
}

async function boots(
  { house, ask, job }: Scene,
  fault: 'stuck-provisioning' | 'zero-gpu' | 'exits' | 'dies-mid-stream',
) {
  house.runpod.script({ after: 'boot', fault })
  ask()
  await until('the job to begin', async () => (await job()) !== undefined)
}

const rows: readonly HouseFault[] = [
  {
    id: 'runpod-no-capacity',
    area: 'RunPod',
    fault: 'no GPU anywhere, until the pull request says so',
    during: async ({ house, ask, untilSaid }) => {
      house.runpod.setChaos({ noCapacity: 1 })
      ask()
      await untilSaid(/waiting for a GPU \(.*capacity/i)
    },
    heal: ({ house }) => house.runpod.setChaos({ noCapacity: 0 }),
  },
  {
    id: 'runpod-500-created',
    area: 'RunPod',
    fault: 'a create answers 500 and has made a pod',
    during: calls('create', 'error-but-created', 1),
  },
  {
    id: 'runpod-drop-created',
    area: 'RunPod',
    fault: 'the connection breaks after a create that has made a pod',
    during: calls('create', 'drop-but-created', 1),
  },
  {
    id: 'runpod-lists-fail',
    area: 'RunPod',
    fault: 'six lists in a row fail',
    during: calls('list', 'server-error', 6),
  },
  {
    id: 'runpod-delete-fails',
    area: 'RunPod',
    fault: 'a DELETE answers 500 three times and does nothing',
    // Of DELETEs that were answered 500 nobody knows which ended the pod, or whether one did.
    clockSlackSeconds: 5,
    during: calls('delete', 'server-error'),
  },
  { id: 'runpod-rate-limit', area: 'RunPod', fault: '429 for three creates', during: calls('create', 'rate-limit') },
  {
    id: 'runpod-html',
    area: 'RunPod',
    fault: 'a gateway page in HTML instead of the list',
    during: calls('list', 'html-502', 3),
  },
  {
    id: 'runpod-no-balance',
    area: 'RunPod',
    fault: 'the account is empty (402)',
    outcomes: ['failed', 'partial'],
    during: async (scene) => {
      await calls('create', 'no-balance', 1)(scene)
      await until('the end', async () => ((await scene.job())?.endedAt ?? null) !== null)
    },
  },
  {
    id: 'runpod-zero-gpu',
    area: 'RunPod',
    fault: 'a pod comes up without a GPU',
    during: (scene) => boots(scene, 'zero-gpu'),
  },
  {
    id: 'runpod-stuck',
    area: 'RunPod',
    fault: 'a pod hangs in PROVISIONING',
    during: (scene) => boots(scene, 'stuck-provisioning'),
  },
  {
    id: 'runpod-dies',
    area: 'RunPod',
    fault: 'the host of the pod dies in the middle of an answer',
    during: (scene) => boots(scene, 'dies-mid-stream'),
  },
]

/** Each in a house of its own: pods that never serve add up over the hour, and after six of them none is rented. */
export const podFaults: readonly HouseFault[] = rows.map((it) => ({ options: {}, ...it }))
