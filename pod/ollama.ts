/** Calls the Ollama of this pod. Every wait is bounded by the signal. */
export async function callOllama(
  baseUrl: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const reply = await send(baseUrl, path, body, signal)
  return asRecord(await reply.json())
}

/** The lines of a progress stream, one object each. */
export async function* streamOllama(
  baseUrl: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const reply = await send(baseUrl, path, body, signal)
  const decoder = new TextDecoder()
  let held = ''
  for await (const bytes of reply.body ?? []) {
    held += decoder.decode(bytes, { stream: true })
    const lines = held.split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield asRecord(JSON.parse(line))
  }
  if (held.trim() !== '') yield asRecord(JSON.parse(held))
}

async function send(baseUrl: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const reply = await fetch(new URL(path, baseUrl), {
    signal,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  if (reply.ok) return reply
  const text = (await reply.text()).slice(0, 500)
  throw new Error(`Ollama answered ${reply.status} to ${path}: ${text}`)
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** The objects in a list property. */
export function recordsIn(value: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>>[] {
  const list = value[name]
  return Array.isArray(list) ? list.map(asRecord) : []
}
