import { type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import type { Account } from './account.ts'
import type { EmulatedPod } from './emulated-pod.ts'
import { losePod } from './life-cycle.ts'
import type { Service } from './pod-runtime.ts'
import { gatewayPage, type Reply } from './reply.ts'

/** The public way to a service in a pod: `/proxy/{podId}/{port}/...`. No key is asked for, as in the real thing. */
export function answerProxy(account: Account, request: IncomingMessage, response: ServerResponse): void {
  const match = /^\/proxy\/([^/]+)\/(\d+)(\/?.*)$/.exec(request.url ?? '')
  const pod = account.pods.get(match?.[1] ?? '')
  const port = Number(match?.[2])
  const fault = account.faults.take('proxy')?.fault
  const instead = pageInstead(pod, port, fault)
  const service = pod?.container?.serviceAt(port)
  if (fault === 'drop') {
    response.destroy()
  } else if (instead !== undefined) {
    sendPage(response, instead)
  } else if (pod === undefined || service === undefined) {
    sendPage(response, gatewayPage(502, 'Bad gateway'))
  } else {
    const tail = match?.[3] ?? ''
    const path = tail.startsWith('/') ? tail : `/${tail}`
    pass({ account, pod, service, path, isCut: fault === 'cut-stream' }, request, response)
  }
}

/** What the edge shows when it does not even try the pod. */
function pageInstead(pod: EmulatedPod | undefined, port: number, fault: string | undefined): Reply | undefined {
  if (fault?.startsWith('html-')) return gatewayPage(Number(fault.slice(5)), 'Web server error')
  if (pod === undefined || pod.status === 'TERMINATED') return gatewayPage(404, 'Not found')
  if (!(pod.body.ports ?? []).includes(`${port}/http`)) return gatewayPage(404, 'Not found')
  if (pod.status !== 'RUNNING' || pod.gpuCount === 0) return gatewayPage(502, 'Bad gateway')
  if (pod.bootFault !== 'wrong-service') return undefined
  return { status: 200, contentType: 'text/html', body: '<html>Welcome to nginx!</html>' }
}

interface Passing {
  readonly account: Account
  readonly pod: EmulatedPod
  readonly service: Service
  readonly path: string
  readonly isCut: boolean
}

function pass(passing: Passing, request: IncomingMessage, response: ServerResponse): void {
  const { account, pod, service, path } = passing
  // The edge waits so long for the first byte and no longer.
  const timer = setTimeout(() => {
    if (response.headersSent) return
    sendPage(response, gatewayPage(524, 'A timeout occurred'))
    request.destroy()
  }, account.options.proxyTimeoutMs ?? 100_000)
  response.on('close', () => clearTimeout(timer))
  const onFirstPiece = (): void => {
    if (passing.isCut) response.destroy()
    else if (pod.bootFault === 'dies-mid-stream' && isStreamed(path)) losePod(account, pod)
  }
  if (service.kind === 'handler') {
    request.url = path
    request.headers.host = `127.0.0.1`
    watchWrites(response, onFirstPiece)
    service.handle(request, response)
    return
  }
  // The tail goes through as it stands: what a client encodes, the service must see.
  const onward = openRequest({
    host: '127.0.0.1',
    port: service.port,
    path,
    method: request.method,
    headers: {
      ...request.headers,
      host: `${pod.id}-x.proxy.sandbox.example`,
      'cf-ray': '0-SANDBOX',
      'x-forwarded-proto': 'https',
    },
  })
  onward.setNoDelay(true)
  onward.on('response', (reply) => {
    if (response.headersSent) return
    response.writeHead(reply.statusCode ?? 502, { ...reply.headers, server: 'cloudflare' })
    response.flushHeaders()
    reply.once('data', () => setImmediate(onFirstPiece))
    reply.pipe(response)
    reply.on('error', () => response.destroy())
    reply.on('aborted', () => response.destroy())
  })
  onward.on('error', () => {
    if (response.headersSent) response.destroy()
    else sendPage(response, gatewayPage(502, 'Bad gateway'))
  })
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}

/** Deaths in the middle are for answers that stream; a status poll is over in one piece. */
function isStreamed(path: string): boolean {
  return /^\/(?:api\/(?:chat|generate)|v1\/chat)/.test(path)
}

function watchWrites(response: ServerResponse, onFirst: () => void): void {
  const write = response.write.bind(response)
  let isFirst = true
  response.write = ((...parts: Parameters<typeof write>) => {
    if (isFirst) setImmediate(onFirst)
    isFirst = false
    return write(...parts)
  }) as typeof response.write
}

function sendPage(response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(reply.status, { 'content-type': reply.contentType, ...reply.headers })
  response.end(reply.body ?? undefined)
}
