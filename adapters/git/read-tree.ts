import type { TreeEntry } from '../../ports/github.ts'
import type { ObjectReader } from './object-reader.ts'

const MAX_DEPTH = 100

/** Everything below a folder of a commit, read from the raw tree objects. */
export async function readTree(reader: ObjectReader, name: string, prefix: string, depth = 0): Promise<TreeEntry[]> {
  const object = await reader.read(name)
  if (object?.type !== 'tree' || depth > MAX_DEPTH) return []
  const own = parseTree(object.content).map(({ mode, path, sha }): TreeEntry => {
    const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
    return { path: `${prefix}${path}`, mode, type, sha }
  })
  const below = await Promise.all(
    own.map((entry) => (entry.type === 'tree' ? readTree(reader, entry.sha, `${entry.path}/`, depth + 1) : [])),
  )
  return own.flatMap((entry, index) => [entry, ...(below[index] ?? [])])
}

/** `mode SP name NUL id`, again and again; the id is binary. */
function parseTree(content: Buffer): { readonly mode: string; readonly path: string; readonly sha: string }[] {
  const entries: { mode: string; path: string; sha: string }[] = []
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at)
    const end = content.indexOf(0, space)
    if (space === -1 || end === -1) break
    const mode = content.toString('utf8', at, space).padStart(6, '0')
    const sha = content.toString('hex', end + 1, end + 21)
    entries.push({ mode, path: content.toString('utf8', space + 1, end), sha })
    at = end + 21
  }
  return entries
}
