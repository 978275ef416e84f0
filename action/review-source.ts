import { configWithoutFile, defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import { POLICY_PATH } from '../config/policy-schema.ts'
import { gatherChange, inputsOf } from '../jobs/review-job-gather.ts'
import { withCheckout } from '../parts/checkout.ts'
import { GitError, type LocalGit } from '../ports/git.ts'
import type { GithubRepository, PullRequestView } from '../ports/github.ts'
import type { CommitSha } from '../ports/ids.ts'
import { emptyMemory } from '../review/rank/memory.ts'
import { localInputs } from '../review/gather/local-inputs.ts'
import type { PullRequestPayload } from './event.ts'
import type { ReviewSource } from '../parts/quiet-review.ts'

/** The change as GitHub's API tells it. */
export async function sourceFromApi(
  github: GithubRepository,
  view: PullRequestView,
  config: ResolvedConfig,
  focus: string | null,
): Promise<ReviewSource> {
  const change = await gatherChange(github, view, config)
  return {
    inputs: inputsOf(JSON.parse(JSON.stringify(change)), focus, emptyMemory),
    config,
    readHead: (path) => github.contents.readFile(path, change.headSha),
    async listHeadPaths() {
      const tree = await github.contents.listTree(change.headSha, '')
      return tree.complete ? new Set(tree.items.map(({ path }) => path)) : null
    },
  }
}

/** The change as the checkout has it: no token is needed, and none of it is run. */
export function withSourceFromCheckout<T>(
  folder: string,
  pullRequest: PullRequestPayload,
  focus: string | null,
  work: (source: ReviewSource) => Promise<T>,
): Promise<T> {
  return withCheckout(folder, async (git) => {
    const { head, base } = pullRequest
    const baseSha = await mustFind(git, base.sha)
    const headSha = await mustFind(git, head.sha)
    const from = (await git.mergeBase(baseSha, headSha)) ?? baseSha
    const config = await configAt(git, baseSha)
    const path = config.review.architecture
    const documents = {
      agents: await git.readFile('AGENTS.md', baseSha),
      attributes: await git.readFile('.gitattributes', baseSha),
      architecture: path === null ? null : { path, text: await git.readFile(path, baseSha) },
    }
    const inputs = localInputs({
      diff: await git.diff(from, headSha),
      headSha,
      baseSha,
      title: pullRequest.title,
      description: pullRequest.body ?? '',
      focus,
      documents,
    })
    return work({
      inputs,
      config,
      readHead: (at) => git.readFile(at, headSha),
      listHeadPaths: async () => new Set((await git.listTree(headSha, '')).items.map((entry) => entry.path)),
    })
  })
}

async function mustFind(git: LocalGit, sha: string): Promise<CommitSha> {
  const found = await git.find(sha)
  if (found !== null) return found
  throw new GitError({
    code: 'shallow',
    message: `The commit ${sha.slice(0, 10)} is not in this checkout.`,
    remedy: 'Give actions/checkout `fetch-depth: 0`.',
    owner: 'user',
  })
}

async function configAt(git: LocalGit, baseSha: CommitSha): Promise<ResolvedConfig> {
  const text = await git.readFile(POLICY_PATH, baseSha)
  if (text === null) return configWithoutFile()
  const parsed = parsePolicyFile(text)
  return parsed.ok ? parsed.config : defaultConfig()
}
