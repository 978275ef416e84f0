import type { z } from 'zod'
import type { Account } from './account.ts'
import { createPod } from './create-pod.ts'
import { allowedActions, type EmulatedPod, renderPod } from './emulated-pod.ts'
import { beginBoot, restartPod, stopPod, terminatePod } from './life-cycle.ts'
import { json, noContent, ProblemReply, type Reply } from './reply.ts'
import { createPodBody, podActionBody, updatePodBody } from './request-bodies.ts'

/** One call, after its key and its fault were looked at. */
export interface Call {
  readonly body: unknown
  readonly query: URLSearchParams
  /** The last part of the path, where it names something. */
  readonly id: string
}

/** POST /v2/pods */
export function create(account: Account, call: Call): Reply {
  const pod = createPod(account, parse(createPodBody, call.body))
  return json(201, renderPod(pod, account.clock.now()))
}

/** GET /v2/pods, with pages, young pods missing and dead ones lingering as the settings say. */
export function list(account: Account, call: Call): Reply {
  const now = account.clock.now()
  const seen = [...account.pods.values()].filter((pod) => isListed(account, pod, now))
  const limit = readLimit(call.query.get('limit'), account.options.pageSize ?? 100)
  const after = call.query.get('cursor')
  const start = after === null ? 0 : seen.findIndex((pod) => pod.id === after) + 1
  if (after !== null && start === 0) throw new ProblemReply(400, 'cursor is not valid')
  const page = seen.slice(start, start + limit)
  const hasNextPage = start + limit < seen.length
  return json(200, {
    pods: page.map((pod) => renderPod(pod, now)),
    pagination: { nextCursor: hasNextPage ? (page.at(-1)?.id ?? null) : null, hasNextPage },
  })
}

function isListed(account: Account, pod: EmulatedPod, now: number): boolean {
  const { listLagMs, listGhostMs } = account.chaos
  if (pod.endedAt !== null) return now - pod.endedAt < listGhostMs
  return now - pod.createdAt >= listLagMs
}

function readLimit(text: string | null, fallback: number): number {
  const limit = text === null ? fallback : Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new ProblemReply(400, 'limit must be 1 to 1000')
  return limit
}

/** GET /v2/pods/{id} */
export function get(account: Account, call: Call): Reply {
  const pod = livePod(account, call.id)
  const now = account.clock.now()
  if (now - pod.createdAt < account.chaos.getLagMs) throw notFound(call.id)
  return json(200, renderPod(pod, now))
}

/** PATCH /v2/pods/{id}: editing a running pod resets it. */
export function update(account: Account, call: Call): Reply {
  const pod = livePod(account, call.id)
  const body = parse(updatePodBody, call.body)
  if (body.mounts?.network !== undefined && pod.body.mounts?.network === undefined) {
    throw new ProblemReply(400, 'a mount kind that was absent at create cannot be added')
  }
  pod.name = body.name ?? pod.name
  pod.locked = body.locked ?? pod.locked
  pod.image = body.image ?? pod.image
  pod.env = body.env ?? pod.env
  if (pod.status === 'RUNNING' && (body.image ?? body.env ?? body.ports) !== undefined) restartPod(account, pod)
  return json(200, renderPod(pod, account.clock.now()))
}

/** DELETE /v2/pods/{id} */
export function remove(account: Account, call: Call): Reply {
  const pod = livePod(account, call.id)
  const { chaos, clock, random } = account
  const isYoung = clock.now() - pod.createdAt < chaos.youngMs
  if (isYoung && random() < chaos.deleteMissesYoung) throw notFound(call.id)
  terminatePod(account, pod)
  return noContent
}

/** POST /v2/pods/{id}/action */
export function act(account: Account, call: Call): Reply {
  const pod = livePod(account, call.id)
  const { action } = parse(podActionBody, call.body)
  if (!allowedActions(pod).includes(action)) {
    throw new ProblemReply(409, `action ${action} is not valid for a pod in status ${pod.status}`)
  }
  if (action === 'terminate') {
    terminatePod(account, pod)
    return noContent
  }
  if (action === 'stop') stopPod(account, pod)
  else if (action === 'restart') restartPod(account, pod)
  else beginBoot(account, pod)
  return json(200, renderPod(pod, account.clock.now()))
}

export function livePod(account: Account, id: string): EmulatedPod {
  const pod = account.pods.get(id)
  if (pod === undefined || pod.status === 'TERMINATED') throw notFound(id)
  return pod
}

function notFound(id: string): ProblemReply {
  return new ProblemReply(404, `pod ${id} not found`)
}

/** Reads a body by its schema, or answers 422 with one message per violation. */
export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.flatMap((issue) => {
    const at = ['$', ...issue.path].join('.')
    if (issue.code !== 'unrecognized_keys') return [`${at}: ${issue.message}`]
    return issue.keys.map((key) => `${at}: additional properties '${key}' not allowed`)
  })
  throw new ProblemReply(422, 'the request body does not match the schema', errors)
}
