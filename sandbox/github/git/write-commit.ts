import { randomUUID } from 'node:crypto'
import type { Signature } from './commits.ts'
import type { GitRepository } from './git-repository.ts'

/** Path → new content, or null to remove the file. */
export type FileChanges = Readonly<Record<string, string | Uint8Array | null>>

export const noSha = '0'.repeat(40)

/** Commits changes on top of a commit (or as the first one), in one run of git; moves no ref people see. */
export async function commitFiles(
  git: GitRepository,
  request: {
    parent: string | undefined
    changes: FileChanges
    message: string
    author: Signature
    committer?: Signature
  },
): Promise<string> {
  const { parent, changes, message, author, committer = author } = request
  const ref = `refs/sandbox/${randomUUID()}`
  const parts: Buffer[] = []
  const line = (text: string) => parts.push(Buffer.from(`${text}\n`))
  const block = (content: Buffer) => parts.push(Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n'))
  line(`commit ${ref}\nmark :1\nauthor ${sign(author)}\ncommitter ${sign(committer)}`)
  block(Buffer.from(message))
  if (parent !== undefined) line(`from ${parent}`)
  for (const [path, content] of Object.entries(changes)) {
    const quoted = JSON.stringify(path)
    line(content === null ? `D ${quoted}` : `M 100644 inline ${quoted}`)
    if (content !== null) block(Buffer.from(content))
  }
  line('get-mark :1')
  // The import needs a ref of its own; without it the commit stays reachable by its name alone.
  line(`reset ${ref}\nfrom ${noSha}\n`)
  return git.text(['fast-import', '--quiet', '--force', '--date-format=raw'], { input: Buffer.concat(parts) })
}

function sign({ name, email, date }: Signature): string {
  return `${name.replace(/[<>\n]/g, '')} <${email.replace(/[<>\n]/g, '')}> ${Math.floor(Date.parse(date) / 1000)} +0000`
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
