import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../../ports/errors.ts'

export interface DirectoryLock {
  release(): void
}

/**
 * Keeps a second process away: PGlite has no lock of its own, and two of them on one directory lose rows without a word. The kernel
 * frees an SQLite lock when its process dies, however it dies; a file with a process id in it would have to be judged.
 */
export function lockDirectory(lockFile: string, directory: string): DirectoryLock {
  const side = new DatabaseSync(lockFile)
  try {
    side.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (cause) {
    side.close()
    throw new StoreError({
      code: 'locked',
      message: `Another DevLoop process is using the data directory ${directory}.`,
      remedy: 'Stop that one, set DEVLOOP_DATA to another directory, or set DATABASE_URL so that several may run.',
      owner: 'operator',
      facts: { directory },
      cause,
    })
  }
  return { release: () => side.close() }
}
