import { access, constants, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const DEBIAN_HOME = '/usr/lib/postgresql'

/** The folder that holds `initdb` and `postgres`: on the PATH, or where Debian keeps each version apart (the newest first). */
export async function findPostgresBinaries(path: string | undefined): Promise<string | undefined> {
  const versions = await readdir(DEBIAN_HOME).catch(() => [])
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN_HOME, version, 'bin'))
  for (const folder of [...(path ?? '').split(delimiter), '/usr/local/bin', ...newestFirst]) {
    if (folder !== '' && (await holdsBoth(folder))) return folder
  }
  return undefined
}

async function holdsBoth(folder: string): Promise<boolean> {
  const tries = ['initdb', 'postgres'].map((name) => access(join(folder, name), constants.X_OK))
  return Promise.all(tries).then(
    () => true,
    () => false,
  )
}
