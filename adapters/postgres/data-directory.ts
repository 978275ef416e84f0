import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, unwritable } from './store-failure.ts'

const PROBE_BYTES = 64 * 1024

/** Makes the directory and proves that it can be written and has room, before whatever needs it stumbles over that halfway. */
export async function prepareDirectory(directory: string, leastFreeBytes = PROBE_BYTES): Promise<void> {
  const probe = join(directory, `.probe-${process.pid}`)
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = await open(probe, 'w', 0o600)
    try {
      await file.write(Buffer.alloc(PROBE_BYTES))
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unwritable(`The data directory ${directory}`, codeOf(error), error)
  } finally {
    await rm(probe, { force: true }).catch(() => {})
  }
  const space = await statfs(directory).catch(() => undefined)
  if (space !== undefined && space.bavail * space.bsize < leastFreeBytes) {
    throw unwritable(`The data directory ${directory}`, 'ENOSPC')
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Moves what cannot be opened out of the way, kept for whoever wants to look at it; answers where it is now. */
export async function moveAside(path: string, atMs: number): Promise<string> {
  const aside = `${path}.torn-${new Date(atMs).toISOString().replaceAll(/[:.]/g, '-')}`
  await rename(path, aside)
  return aside
}
