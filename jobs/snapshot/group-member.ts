import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { citedTaskIds } from '../../governance/citations.ts'
import { evaluate } from '../../governance/evaluate.ts'
import type { GroupMember } from '../../governance/snapshot.ts'
import type { PullRequestView } from '../../ports/github.ts'
import { buildGithubSnapshot } from './github-snapshot.ts'
import { readsOf } from './reads.ts'
import type { GithubWorld } from './world.ts'

/** One pull request of a merge group, with the verdict on its own head. */
export async function readMember(world: GithubWorld, config: ResolvedConfig, number: number): Promise<GroupMember> {
  const view = await world.github.pullRequests.get(number)
  return {
    number,
    headSha: view.headSha,
    headRef: view.headRef,
    tasks: [...citedTaskIds(view.body, view.headRef)],
    conclusion: world.memory === null ? await judgeNow(world, config, view) : await remembered(world, view),
  }
}

async function remembered({ github, memory }: GithubWorld, { number, headSha }: PullRequestView) {
  const verdicts = await memory?.governance.listVerdicts(github.ref.name, 500)
  return verdicts?.find((verdict) => verdict.pullRequest === number && verdict.headSha === headSha)?.conclusion ?? null
}

/** Where nothing is remembered it is judged again: the check run of a fork's head could not be written, and others may be old. */
async function judgeNow(world: GithubWorld, config: ResolvedConfig, view: PullRequestView) {
  const { github } = world
  const compared = await github.contents.compare(view.baseRef, view.headSha)
  const open = readsOf(config).has('open') ? await github.pullRequests.listOpen() : undefined
  return evaluate(await buildGithubSnapshot(world, config, view, compared, open), config).conclusion
}
