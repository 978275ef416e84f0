import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findPostgresBinaries } from './find-binaries.ts'

const READY_WITHIN_MS = 20_000

export interface ThrowawayPostgres {
  /** The address of one of its databases; `postgres` exists from the start. */
  url(database?: string): string
  /** Ends the server at once, as a crash would, and keeps its files; `restart` brings it back on the same port. */
  halt(): Promise<void>
  restart(): Promise<void>
  /** Ends the server and removes its files. */
  stop(): Promise<void>
}

export const NO_POSTGRES = 'skipped: no PostgreSQL server programs (initdb, postgres) on this machine'

/** A PostgreSQL server of our own on a free port of 127.0.0.1, without durability; null where none is installed. */
export async function startPostgres(): Promise<ThrowawayPostgres | null> {
  const binaries = await findPostgresBinaries(process.env.PATH)
  if (binaries === undefined) return null
  const owner = await serverOwner()
  const directory = await mkdtemp(join(tmpdir(), 'devloop-postgres-'))
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(directory, owner.uid, owner.gid)
  const files = join(directory, 'files')
  const options = ['--username=postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C']
  await promisify(execFile)(join(binaries, 'initdb'), ['-D', files, ...options], { ...owner, cwd: directory })

  const port = await freePort()
  const start = () => startServer(join(binaries, 'postgres'), files, port, { ...owner, cwd: directory })
  let server = await start()
  const killAtExit = () => server.kill('SIGKILL')
  process.once('exit', killAtExit)
  const halt = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGQUIT')
    await once(server, 'exit')
  }
  return {
    url: (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`,
    halt,
    async restart() {
      server = await start()
    },
    async stop() {
      await halt()
      process.off('exit', killAtExit)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root, so root lends it the identity of somebody without rights. */
async function serverOwner(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const account = ['postgres', 'nobody'].map((name) => accounts.find((each) => each[0] === name)).find(Boolean)
  if (account === undefined) throw new Error('PostgreSQL refuses root, and /etc/passwd has neither postgres nor nobody')
  return { uid: Number(account[2]), gid: Number(account[3]) }
}

async function startServer(program: string, files: string, port: number, options: object): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    shared_buffers: '32MB',
    max_connections: 60,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(program, ['-D', files, ...flags], { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  await readyToAccept(server)
  return server
}

function readyToAccept(server: ChildProcess): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      server.kill('SIGKILL')
      reject(new Error(`PostgreSQL was not ready within ${READY_WITHIN_MS} ms: ${said}`))
    }, READY_WITHIN_MS)
    server.once('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`PostgreSQL ended with ${code} while starting: ${said}`))
    })
    server.stderr?.on('data', (piece: Buffer) => {
      if (said.length < 10_000) said += piece.toString()
      if (!said.includes('ready to accept connections')) return
      clearTimeout(late)
      resolve()
    })
  })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
