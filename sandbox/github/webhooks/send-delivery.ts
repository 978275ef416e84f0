import type { Delivery } from '../state/delivery.ts'

// GitHub closes the connection after ten seconds and never tries again by itself.
const timeoutMs = 10_000

/** Posts one webhook and records what came of it; never throws. */
export async function sendDelivery(delivery: Delivery, signal: AbortSignal): Promise<void> {
  const startedAtMs = performance.now()
  try {
    const response = await fetch(delivery.url, {
      method: 'POST',
      headers: delivery.requestHeaders,
      body: delivery.payload,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    delivery.responseBody = await response.text()
    delivery.responseHeaders = Object.fromEntries(response.headers)
    delivery.statusCode = response.status
    delivery.status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`
  } catch (error) {
    const hasTimedOut = error instanceof Error && error.name === 'TimeoutError'
    delivery.status = hasTimedOut ? 'timed out' : 'failed to connect to host'
    delivery.statusCode = hasTimedOut ? 504 : 502
  }
  delivery.durationMs = performance.now() - startedAtMs
}
