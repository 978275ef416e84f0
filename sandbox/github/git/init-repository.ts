import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { FileChanges } from './write-commit.ts'
import { GitRepository } from './git-repository.ts'

/** An empty bare repository. */
export async function initRepository(dir: string, defaultBranch: string): Promise<GitRepository> {
  await mkdir(dir, { recursive: true })
  const git = new GitRepository(dir)
  await git.run(['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, '.'])
  // Pull request heads are fetched by bare SHA between forks.
  await git.run(['config', 'uploadpack.allowAnySHA1InWant', 'true'])
  await git.run(['config', 'gc.auto', '0'])
  return git
}

/** A bare repository with the branches and tags of another one on this disk. */
export async function copyRepository(dir: string, fromDir: string, defaultBranch: string): Promise<GitRepository> {
  const git = await initRepository(dir, defaultBranch)
  await git.run(['fetch', '--quiet', fromDir, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'])
  return git
}

/** The files below a folder, as changes to commit; `.git` is left out. */
export async function readFolder(folder: string): Promise<FileChanges> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files: Record<string, Uint8Array> = {}
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    if (!entry.isFile() || name.split('/').includes('.git')) continue
    files[name] = await readFile(path)
  }
  return files
}
