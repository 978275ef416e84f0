import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { EngineRun } from '../../parts/one-shot.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'
import { answerInfer } from './answer-infer.ts'
import { forward } from './forward.ts'
import { readBody } from './read-body.ts'
import { routeOf } from './route.ts'

export interface Gateway {
  readonly url: string
  readonly key: string
  close(): Promise<void>
}

/** A gateway on loopback for the steps of one job: whoever knows the key may use the engine, nobody learns the engine's own token. */
export async function serveGateway(run: EngineRun): Promise<Gateway> {
  const key = randomBytes(24).toString('hex')
  const server = createServer((request, response) => {
    answer(run, key, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else sendJson(response, 502, { error: `The engine did not answer: ${String(error)}` })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(run: EngineRun, key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: target = '', headers } = request
  const route = routeOf({ method, target, authorization: headers.authorization }, key)
  switch (route.kind) {
    case 'refuse':
      return sendJson(response, route.status, { error: route.message })
    case 'status': {
      const { microUsd, gpuMs } = run.lease.costSoFar()
      const { podName, gpu, model } = run.lease
      return sendJson(response, 200, { podName, gpu, model, gpuMs, costUsd: usdFromMicroUsd(microUsd) })
    }
    case 'infer': {
      const { status, json } = await answerInfer(run, (await readBody(request)).toString('utf8'))
      return sendJson(response, status, json)
    }
    case 'forward':
      return forward(run.lease.address, route.path, request, response, run.signal)
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
