import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EmulatedRunpod } from './start.ts'

/** The sandbox's own routes, for a test in another process. No key: the port is on a loopback address. */
export async function answerControl(
  runpod: EmulatedRunpod,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = ''
  for await (const part of request) text += String(part)
  const body = text === '' ? {} : JSON.parse(text)
  const routes: Readonly<Record<string, () => unknown>> = {
    'GET /sandbox/pods': () => runpod.pods(),
    'GET /sandbox/billing': () => ({ pods: runpod.billing(), spentMicroUsd: runpod.spentMicroUsd() }),
    'GET /sandbox/calls': () => runpod.calls,
    'GET /sandbox/violations': () => runpod.violations(),
    'POST /sandbox/script': () => runpod.script(body),
    'POST /sandbox/chaos': () => runpod.setChaos(body),
    'POST /sandbox/advance': () => runpod.advance(body.ms),
    'POST /sandbox/kill': () => runpod.kill(body.podId, body.how),
  }
  const run = routes[`${request.method} ${request.url}`]
  if (run === undefined) return void response.writeHead(404).end()
  const result = run()
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? { done: true }))
}
