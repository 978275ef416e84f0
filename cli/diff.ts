import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import { POLICY_PATH } from '../config/policy-schema.ts'
import { configWithoutFile, type ResolvedConfig } from '../config/resolved-config.ts'
import { findLocalBase } from '../jobs/snapshot/local-base.ts'
import { withCheckout } from '../parts/checkout.ts'
import type { ReviewSource } from '../parts/quiet-review.ts'
import { GitError, type LocalGit } from '../ports/git.ts'
import { localInputs } from '../review/gather/local-inputs.ts'
import { CliError, usageError } from './error.ts'
import type { CliWorld } from './world.ts'

export interface DiffOptions {
  readonly repo: string
  readonly base?: string
  readonly head?: string
  readonly diff?: string
}

/** Reads the change that the options name, works on it, and lets the repository go. Throws `GitError` and `CliError`. */
export function withDiff<T>(
  options: DiffOptions,
  world: CliWorld,
  work: (source: ReviewSource) => Promise<T>,
): Promise<T> {
  if (options.diff === undefined)
    return withCheckout(resolve(world.cwd, options.repo), async (git) => work(await sourceFromGit(git, options)))
  if (options.base !== undefined || options.head !== undefined)
    throw usageError('--diff brings a change of its own.', 'Leave --base and --head out.')
  return sourceFromDiff(options.diff, options, world).then(work)
}

async function sourceFromGit(git: LocalGit, { base: wanted, head }: DiffOptions): Promise<ReviewSource> {
  const base = await findLocalBase(git, wanted)
  const headSha = head === undefined ? git.headSha : await git.find(head)
  if (headSha === null) {
    throw new GitError({
      code: git.headSha === null ? 'empty' : 'no-such-ref',
      message:
        head === undefined
          ? `${git.root} has no commit yet, so there is nothing to review.`
          : `${head} is no branch, tag or commit of ${git.root}.`,
      remedy: head === undefined ? 'Make a first commit.' : 'Look at `git branch --all`.',
      owner: 'user',
    })
  }
  const from = (await git.mergeBase(base.sha, headSha)) ?? base.sha
  const commits = await git.log({ from, to: headSha, limit: 100 })
  const policy = await git.readFile(POLICY_PATH, base.sha)
  const config = configOf(policy)
  const { architecture } = config.review
  const inputs = localInputs({
    diff: await git.diff(from, headSha),
    headSha,
    baseSha: base.sha,
    title: commits.at(-1)?.message.split('\n', 1)[0] ?? '',
    description: commits.map(({ message }) => message).join('\n\n'),
    focus: null,
    documents: {
      agents: await git.readFile('AGENTS.md', base.sha),
      attributes: await git.readFile('.gitattributes', base.sha),
      architecture:
        architecture === null ? null : { path: architecture, text: await git.readFile(architecture, base.sha) },
    },
  })
  return {
    inputs,
    config,
    readHead: (path) => git.readFile(path, headSha),
    listHeadPaths: async () => new Set((await git.listTree(headSha, '')).items.map(({ path }) => path)),
  }
}

/** A diff alone: the files it changes cannot be read, so claims about other places cannot be checked. */
async function sourceFromDiff(name: string, { repo }: DiffOptions, world: CliWorld): Promise<ReviewSource> {
  const diff = name === '-' ? await world.readStdin() : await readText(resolve(world.cwd, name), name)
  if (diff.trim() !== '' && !/^(?:diff --git |--- |\+\+\+ )/m.test(diff)) {
    throw new CliError({
      code: 'unreadable-input',
      owner: 'user',
      message: `${name === '-' ? 'What came on stdin' : name} is no unified diff.`,
      remedy: 'Make one with `git diff BASE...HEAD`.',
    })
  }
  const policy = await readFile(resolve(world.cwd, repo, POLICY_PATH), 'utf8').catch(() => null)
  const documents = { agents: null, attributes: null, architecture: null }
  const [headSha, baseSha] = ['diff', 'diff']
  return {
    inputs: localInputs({ diff, headSha, baseSha, title: '', description: '', focus: null, documents }),
    config: configOf(policy),
    readHead: async () => null,
    listHeadPaths: async () => null,
  }
}

async function readText(path: string, name: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError({
      code: 'unreadable-input',
      owner: 'user',
      message: `${name} could not be read.`,
      remedy: 'Name an existing file, or - for stdin.',
      cause,
    })
  })
}

function configOf(text: string | null): ResolvedConfig {
  if (text === null) return configWithoutFile()
  const parsed = parsePolicyFile(text)
  return parsed.ok ? parsed.config : configWithoutFile()
}
