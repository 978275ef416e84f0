/** Wall time and waiting. The core gets it passed in, so that tests run in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch. May jump; deadlines that must survive a restart are stored in it all the same. */
  now(): number
  /** Resolves after `ms`, or rejects with the signal's reason at once when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Unpredictable values. Tests pass a seeded one. */
export interface Random {
  /** Lower-case hexadecimal, `bytes` × 2 characters, from a cryptographic source. */
  hex(bytes: number): string
  /** A fresh ULID for the moment `atMs`, upper case. */
  ulid(atMs: number): string
  /** In [0, 1). */
  fraction(): number
}
