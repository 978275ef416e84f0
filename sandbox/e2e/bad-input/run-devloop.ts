import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '..', '..', '..', 'cli', 'main.ts')
const LIMIT_MS = 100_000
const READY = / s {2}ready: /
/** Length of the journal that may not grow. */
export const JOURNAL_BYTES = 128 * 1024

export interface DevloopEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What the disk under the data directory is like, for this process alone. */
export type Disk = 'full' | 'read-only' | 'no-growth'

const SCRIPTS: Readonly<Record<Disk, string>> = {
  full: 'mount -t tmpfs -o size=64k tmpfs "$0" && head -c 65536 /dev/zero > "$0/filler" 2>/dev/null; exec "$@"',
  'read-only': 'mount -t tmpfs -o ro tmpfs "$0" && exec "$@"',
  // 512 bytes each: room for everything but a journal that is as long already.
  'no-growth': `ulimit -f ${JOURNAL_BYTES / 512}; exec "$@"`,
}

/** Runs what follows with mounts that nobody else sees. */
const OWN_MOUNTS = ['unshare', '--map-root-user', '--mount']

/** Whether this machine lets a process have mounts of its own; containers often do not. */
export function mayMount(): boolean {
  try {
    const [program = '', ...flags] = OWN_MOUNTS
    execFileSync(program, [...flags, 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** `devloop ...` as a person starts it, killed when it takes much too long. */
export async function runDevloop(
  args: readonly string[],
  wish: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
    /** Called when the progress says that a pod is ready. */
    readonly onceReady?: () => void
    readonly disk?: { readonly kind: Disk; readonly path: string }
  },
): Promise<DevloopEnd> {
  const own = [process.execPath, MAIN, ...args]
  const line = wish.disk === undefined ? own : [...shellFor(wish.disk.kind), wish.disk.path, ...own]
  const child = spawn(line[0] ?? '', line.slice(1), {
    cwd: wish.cwd,
    env: { PATH: process.env.PATH, HOME: wish.cwd, NO_COLOR: '1', ...wish.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const wasReady = READY.test(said.stderr)
    said.stderr += text
    if (!wasReady && READY.test(said.stderr)) wish.onceReady?.()
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(limit)
  return { code, ...said }
}

function shellFor(kind: Disk): readonly string[] {
  const shell = ['sh', '-c', SCRIPTS[kind]]
  return kind === 'no-growth' ? shell : [...OWN_MOUNTS, ...shell]
}
