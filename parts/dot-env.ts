import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Sets variables in the `.env` of a folder; every other line stays. Only its owner may read the file. */
export async function writeDotEnv(folder: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, '.env')
  const text = await readFile(path, 'utf8').catch(() => '')
  const kept = withoutVariables(text, Object.keys(variables)).trimEnd()
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value.trimEnd()}"`)
  const fresh = `${path}.${process.pid}.new`
  await writeFile(fresh, `${kept === '' ? '' : `${kept}\n`}${lines.join('\n')}\n`, { mode: 0o600 })
  await chmod(fresh, 0o600)
  await rename(fresh, path)
  return path
}

/** A value in quotes may go over several lines, as keys do. */
function withoutVariables(text: string, names: readonly string[]): string {
  return names.reduce(
    (rest, name) => rest.replaceAll(new RegExp(`^(?:export )?${name}=(?:"[^"]*"|'[^']*'|[^\\n]*)(?:\\n|$)`, 'gm'), ''),
    text,
  )
}
