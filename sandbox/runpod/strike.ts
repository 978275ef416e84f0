import type { ServerResponse } from 'node:http'
import type { Account } from './account.ts'
import { capacityDetail } from './create-pod.ts'
import type { CallFault } from './faults.ts'
import { gatewayPage, json, problem, type Reply } from './reply.ts'

export interface Struck {
  /** Does the work as if nothing were wrong. */
  readonly perform: () => Reply
  readonly send: (reply: Reply) => void
  readonly response: ServerResponse
}

/** The fault that strikes a call, and how long it takes where it takes long. */
export interface Strike {
  readonly name: CallFault
  readonly ms: number | undefined
}

/** Answers a call as its fault wants it. */
export function strike(account: Account, { name: fault, ms }: Strike, { perform, send, response }: Struck): void {
  const [kind, done] = fault.split('-but-')
  if (done !== undefined) {
    const reply = perform()
    // A request that was wrong anyway is told so: only work that was done is hidden.
    if (reply.status >= 400) send(reply)
    else if (kind === 'error') send(problem(500, 'internal server error'))
    else if (kind === 'html') send(gatewayPage(502, 'Bad gateway'))
    else if (kind === 'drop') response.destroy()
  } else if (fault === 'drop') {
    response.destroy()
  } else if (fault === 'slow') {
    account.clock.after(ms ?? 2_000, () => send(perform()))
  } else if (fault === 'bad-json') {
    send({ ...perform(), body: '{"id": "x", "na' })
  } else if (fault !== 'timeout') {
    send(refusalOf(fault))
  }
}

function refusalOf(fault: CallFault): Reply {
  switch (fault) {
    case 'rate-limit':
      return { ...problem(429, 'rate limit exceeded'), headers: { 'retry-after': '1' } }
    case 'unauthorized':
      return problem(401, 'the API key is missing or invalid')
    case 'forbidden':
      return problem(403, 'you do not have access to this resource')
    case 'no-balance':
      return problem(402, 'insufficient balance to deploy this pod')
    case 'no-capacity':
    case 'no-disk':
      return problem(400, capacityDetail(fault))
    case 'no-host-gpu':
      return problem(400, 'There are not enough free GPUs on the host machine to start this pod.')
    case 'not-found':
      return problem(404, 'pod not found')
    case 'conflict':
      return problem(409, 'the pod is in a state that does not allow this')
    case 'html-502':
    case 'html-520':
    case 'html-524':
      return gatewayPage(Number(fault.slice(5)), 'Web server error')
    case 'empty-500':
      return { status: 500, contentType: '', body: null }
    case 'v1-error':
      return json(500, { message: 'something went wrong' })
    default:
      return problem(500, 'internal server error')
  }
}
