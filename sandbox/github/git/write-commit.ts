import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Signature } from './commits.ts'
import type { GitRepository } from './git-repository.ts'

/** Path → new content, or null to remove the file. */
export type FileChanges = Readonly<Record<string, string | Uint8Array | null>>

export const noSha = '0'.repeat(40)

/** The tree that results from changes on top of another tree (or of none). */
export async function writeTree(git: GitRepository, base: string | undefined, changes: FileChanges): Promise<string> {
  const index = join(git.dir, `index-${randomUUID()}`)
  const env = { GIT_INDEX_FILE: index }
  try {
    if (base !== undefined) await git.run(['read-tree', base], { env })
    const entries: string[] = []
    for (const [path, content] of Object.entries(changes)) {
      const sha = content === null ? noSha : await writeBlob(git, content)
      entries.push(content === null ? `0 ${sha}\t${path}` : `100644 ${sha}\t${path}`)
    }
    if (entries.length > 0) {
      await git.run(['update-index', '-z', '--add', '--index-info'], { env, input: `${entries.join('\0')}\0` })
    }
    return await git.text(['write-tree'], { env })
  } finally {
    await rm(index, { force: true })
  }
}

export function writeBlob(git: GitRepository, content: string | Uint8Array): Promise<string> {
  return git.text(['hash-object', '-w', '--stdin'], { input: Buffer.from(content) })
}

export async function writeCommit(
  git: GitRepository,
  commit: { tree: string; parents: readonly string[]; message: string; author: Signature; committer?: Signature },
): Promise<string> {
  const { tree, parents, message, author, committer = author } = commit
  return git.text(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])], {
    input: message,
    env: {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: author.date,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      GIT_COMMITTER_DATE: committer.date,
    },
  })
}

/** Moves a ref; with `before`, only if it still stands there. Answers whether it moved. */
export async function moveRef(git: GitRepository, ref: string, after: string, before?: string): Promise<boolean> {
  const expected = before === undefined ? [] : [before]
  const { code } = await git.run(['update-ref', ref, after, ...expected], { answers: [1, 128] })
  return code === 0
}

export async function deleteRef(git: GitRepository, ref: string): Promise<void> {
  await git.run(['update-ref', '-d', ref])
}
