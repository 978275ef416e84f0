/** Writes one line of JSON. Callers pass facts, never a token or a key. */
export function log(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...facts })}\n`)
}
