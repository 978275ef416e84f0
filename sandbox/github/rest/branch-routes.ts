import { repositoryAccess } from '../auth/access.ts'
import { ApiError } from '../api-error.ts'
import { rulesOf } from '../acts/merge-obstacles.ts'
import { findBranchSha, listRefs } from '../git/branches.ts'
import { getCommit } from '../git/commits.ts'
import { renderCommit } from '../render/render-commit.ts'
import { repositoryUrl, repositoryWebUrl } from '../render/render-repository.ts'
import type { BranchRule } from '../state/repository.ts'
import { fullName } from '../state/repository.ts'
import { ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

function renderShort(call: Call, branch: string, sha: string) {
  const api = repositoryUrl(call.world, call.repository)
  return {
    name: branch,
    commit: { sha, url: `${api}/commits/${sha}` },
    protected: rulesOf(call.repository, branch).length > 0,
  }
}

async function getBranch(call: Call): Promise<Reply> {
  const branch = call.param('branch')
  const sha = await findBranchSha(call.git, branch)
  const commit = sha === undefined ? undefined : await getCommit(call.git, sha)
  if (sha === undefined || commit === undefined) throw new ApiError(404, 'Branch not found')
  const api = `${repositoryUrl(call.world, call.repository)}/branches/${branch}`
  return ok({
    ...renderShort(call, branch, sha),
    commit: renderCommit(call.world, call.repository, commit),
    _links: { self: api, html: `${repositoryWebUrl(call.world, call.repository)}/tree/${branch}` },
    protection: {
      enabled: classicRules(call).length > 0,
      required_status_checks: renderRequiredChecks(classicRules(call)),
    },
    protection_url: `${api}/protection`,
  })
}

function classicRules(call: Call): BranchRule[] {
  return rulesOf(call.repository, call.param('branch')).filter(({ source }) => source === 'classic')
}

function renderRequiredChecks(rules: readonly BranchRule[]) {
  const contexts = rules.flatMap(({ requiredChecks }) => requiredChecks)
  const checks = contexts.map((context) => ({ context, app_id: null }))
  return { enforcement_level: contexts.length > 0 ? 'non_admins' : 'off', contexts, checks }
}

async function getProtection(call: Call): Promise<Reply> {
  const rules = classicRules(call)
  if (rules.length === 0) throw new ApiError(404, 'Branch not protected')
  const approvals = Math.max(...rules.map(({ requiredApprovals }) => requiredApprovals))
  const url = `${repositoryUrl(call.world, call.repository)}/branches/${call.param('branch')}/protection`
  return ok({
    url,
    required_status_checks: {
      url: `${url}/required_status_checks`,
      strict: false,
      contexts_url: `${url}/required_status_checks/contexts`,
      ...renderRequiredChecks(rules),
    },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: false },
    required_pull_request_reviews: {
      url: `${url}/required_pull_request_reviews`,
      dismiss_stale_reviews: rules.some(({ dismissStaleReviews }) => dismissStaleReviews),
      require_code_owner_reviews: false,
      required_approving_review_count: approvals,
    },
  })
}

function listRules(call: Call): Reply {
  const { repository } = call
  const rules = rulesOf(repository, call.param('branch')).filter(({ source }) => source === 'ruleset')
  const rendered = rules.flatMap((rule) => {
    const source = {
      ruleset_source_type: 'Repository',
      ruleset_source: fullName(repository),
      ruleset_id: repository.rules.indexOf(rule) + 1,
    }
    return [
      ...(rule.requiredChecks.length > 0 ? [{ ...source, ...requiredChecksRule(rule) }] : []),
      ...(rule.requiredApprovals > 0 ? [{ ...source, ...approvalsRule(rule) }] : []),
      ...(rule.mergeQueue ? [{ ...source, ...queueRule }] : []),
    ]
  })
  return page(call, rendered, (rule) => rule)
}

function requiredChecksRule(rule: BranchRule) {
  const required = rule.requiredChecks.map((context) => ({ context }))
  return {
    type: 'required_status_checks',
    parameters: {
      required_status_checks: required,
      strict_required_status_checks_policy: false,
      do_not_enforce_on_create: false,
    },
  }
}

function approvalsRule(rule: BranchRule) {
  return {
    type: 'pull_request',
    parameters: {
      required_approving_review_count: rule.requiredApprovals,
      dismiss_stale_reviews_on_push: rule.dismissStaleReviews,
      require_code_owner_review: false,
      require_last_push_approval: false,
      required_review_thread_resolution: false,
    },
  }
}

const queueRule = {
  type: 'merge_queue',
  parameters: {
    check_response_timeout_minutes: 60,
    grouping_strategy: 'ALLGREEN',
    max_entries_to_build: 5,
    max_entries_to_merge: 5,
    merge_method: 'MERGE',
    min_entries_to_merge: 1,
    min_entries_to_merge_wait_minutes: 5,
  },
}

export const branchRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/branches',
    access: repositoryAccess('contents', 'read', 'read'),
    handle: async (call) => {
      const refs = (await listRefs(call.git, 'refs/heads/')).map(({ name, sha }) => ({
        name: name.slice('refs/heads/'.length),
        sha,
      }))
      const isWanted = call.query('protected')
      const wanted = refs.filter(
        ({ name }) => isWanted === undefined || rulesOf(call.repository, name).length > 0 === (isWanted === 'true'),
      )
      return page(call, wanted, ({ name, sha }) => renderShort(call, name, sha))
    },
  },
  {
    name: 'GET /repos/{owner}/{repo}/branches/{branch}',
    access: repositoryAccess('contents', 'read', 'read'),
    handle: getBranch,
  },
  {
    name: 'GET /repos/{owner}/{repo}/branches/{branch}/protection',
    access: repositoryAccess('administration', 'read', 'admin'),
    handle: getProtection,
  },
  {
    name: 'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    access: repositoryAccess('metadata', 'read', 'read'),
    handle: listRules,
  },
]
