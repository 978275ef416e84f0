import { indexArchivedPlan } from '../../governance/plan/archive.ts'
import { type ArchivedPlan, failedToSee, type Part, type PlanSide, seen } from '../../governance/snapshot.ts'
import type { Listing, TreeEntry } from '../../ports/github.ts'

/** Where files at a commit are read from: GitHub's API or a local repository. */
export interface FileSource {
  listTree(ref: string, folder: string): Promise<Listing<TreeEntry>>
  readFile(path: string, ref: string): Promise<string | null>
}

/** Texts and indexes of plan files by blob id; a blob never changes. */
export interface PlanCache {
  readonly texts: Map<string, string>
  readonly archived: Map<string, ArchivedPlan>
}

export function createPlanCache(): PlanCache {
  return { texts: new Map(), archived: new Map() }
}

const MAX_CACHED = 2000
/** Archived files whose text is read; of further ones only the name is known. */
const MAX_ARCHIVE_READS = 500

/** Reads the planning folder at one commit. */
export async function readPlanSide(
  source: FileSource,
  sha: string,
  dir: string,
  cache: PlanCache,
): Promise<Part<PlanSide>> {
  const listing = await source.listTree(sha, dir)
  if (!listing.complete) return failedToSee(`${dir}/ holds more files than GitHub lists`)
  const files = listing.items.filter(({ type }) => type !== 'tree')
  const tree = files.map(({ path, mode, sha: blobSha }) => ({ path, mode, blobSha }))
  const active = files.filter((file) => isMarkdown(file) && folderOf(file.path) === `${dir}/active`)
  const texts = await Promise.all(
    active.map(async ({ path, sha: blobSha }) => [path, await readText(source, cache, path, blobSha, sha)] as const),
  )
  const completed = files.filter(({ path }) => path.startsWith(`${dir}/completed/`))
  const archive = await Promise.all(
    completed.map((file, index) => readArchived(source, cache, file, sha, index < MAX_ARCHIVE_READS)),
  )
  return seen({ sha, tree, texts: Object.fromEntries(texts.filter(isPresent)), archive })
}

/** The same folder at another commit that does not touch it. */
export function sameSide(side: Part<PlanSide>, sha: string): Part<PlanSide> {
  return 'seen' in side ? seen({ ...side.seen, sha }) : side
}

async function readArchived(
  source: FileSource,
  cache: PlanCache,
  file: TreeEntry,
  sha: string,
  mayRead: boolean,
): Promise<ArchivedPlan> {
  const { path, mode, sha: blobSha } = file
  const key = `${path} ${blobSha} ${mode}`
  const known = cache.archived.get(key)
  if (known !== undefined) return known
  const text = mayRead && isMarkdown(file) ? await readText(source, cache, path, blobSha, sha) : null
  const archived = indexArchivedPlan({ path, blobSha, mode, text })
  if (mayRead) put(cache.archived, key, archived)
  return archived
}

async function readText(
  source: FileSource,
  cache: PlanCache,
  path: string,
  blobSha: string,
  sha: string,
): Promise<string | null> {
  const known = cache.texts.get(blobSha)
  if (known !== undefined) return known
  const text = await source.readFile(path, sha)
  if (text !== null) put(cache.texts, blobSha, text)
  return text
}

function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > MAX_CACHED && !oldest.done) map.delete(oldest.value)
}

function isMarkdown({ path, mode }: TreeEntry): boolean {
  return path.endsWith('.md') && (mode === '100644' || mode === '100755')
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function isPresent(entry: readonly [string, string | null]): entry is readonly [string, string] {
  return entry[1] !== null
}
