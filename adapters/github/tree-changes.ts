import type { CommitSha } from '../../ports/ids.ts'
import type { PathChange } from '../../ports/github.ts'
import type { GithubClient } from './client.ts'
import { treeReply } from './schema.ts'

type WholeTree = ReadonlyMap<string, string>

/** What differs between the whole trees of two commits. */
export function treeChangesOf(
  client: GithubClient,
  names: { readonly owner: string; readonly repo: string },
): (base: CommitSha, head: CommitSha) => Promise<readonly PathChange[] | null> {
  const place = `${names.owner}/${names.repo}`

  /** Files by path, each with its mode and content; null when GitHub cuts the tree short. */
  async function readWhole(sha: CommitSha): Promise<WholeTree | null> {
    const route = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}'
    const reply = await client.getFixed(route, { ...names, tree_sha: sha, recursive: '1' }, treeReply)
    if (reply.truncated === true) return null
    const files = reply.tree.filter(({ type }) => type !== 'tree')
    return new Map(files.map(({ path, mode, sha: content }) => [path, `${mode} ${content}`]))
  }

  return (base, head) =>
    client.onceLarge(
      `${place} changes ${base} ${head}`,
      async () => {
        // The next head of the same change is compared with this base again.
        const before = await client.onceLarge(`${place} whole ${base}`, () => readWhole(base), sizeOfTree)
        const after = before === null ? null : await readWhole(head)
        return before === null || after === null ? null : changesBetween(before, after)
      },
      sizeOfChanges,
    )
}

function changesBetween(before: WholeTree, after: WholeTree): readonly PathChange[] {
  const changes: PathChange[] = []
  for (const [path, content] of after) {
    const known = before.get(path)
    if (known !== content) changes.push({ path, status: known === undefined ? 'added' : 'modified' })
  }
  for (const path of before.keys()) if (!after.has(path)) changes.push({ path, status: 'removed' })
  return changes
}

/** What a map and a string cost beside their characters. */
const PER_ENTRY = 100

function sizeOfTree(tree: WholeTree | null): number {
  let size = PER_ENTRY
  for (const [path, content] of tree ?? []) size += path.length + content.length + PER_ENTRY
  return size
}

function sizeOfChanges(changes: readonly PathChange[] | null): number {
  return (changes ?? []).reduce((size, { path }) => size + path.length + PER_ENTRY, PER_ENTRY)
}
