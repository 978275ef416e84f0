/** Structured log lines. Secrets never reach it: callers pass facts, not bodies. */
export interface Log {
  debug(facts: Readonly<Record<string, unknown>>, sentence: string): void
  info(facts: Readonly<Record<string, unknown>>, sentence: string): void
  warn(facts: Readonly<Record<string, unknown>>, sentence: string): void
  error(facts: Readonly<Record<string, unknown>>, sentence: string): void
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
