import type { GovernanceStore, StoredVerdict, StoredWaiver } from '../../ports/store.ts'

export function createGovernanceTable(): GovernanceStore {
  const verdicts = new Map<string, StoredVerdict>()
  const waivers = new Map<string, StoredWaiver>()
  return {
    async addVerdict(verdict) {
      if (!verdicts.has(verdict.id)) verdicts.set(verdict.id, verdict)
    },
    findVerdict: async (id) => verdicts.get(id),
    listVerdicts: async (repository, limit) =>
      [...verdicts.values()]
        .filter((verdict) => repository === undefined || verdict.repository === repository)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    listVerdictHeads: async (repository, limit, before = Number.POSITIVE_INFINITY) =>
      [...verdicts.values()]
        .filter((verdict) => repository === undefined || verdict.repository === repository)
        .filter((verdict) => verdict.createdAt < before)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        .slice(0, limit)
        .map(({ snapshot: _snapshot, policy: _policy, verdict: _verdict, ...head }) => head),
    async addWaiver(waiver) {
      waivers.set(`${waiver.repository}#${waiver.pullRequest}#${waiver.headSha}#${waiver.rule}`, waiver)
    },
    listRecentWaivers: async (limit) =>
      [...waivers.values()].sort((a, b) => b.at - a.at || (a.rule < b.rule ? -1 : 1)).slice(0, limit),
    listWaivers: async (repository, pullRequest, headSha) =>
      [...waivers.values()]
        .filter((waiver) => waiver.repository === repository && waiver.pullRequest === pullRequest)
        .filter((waiver) => waiver.headSha === headSha)
        .sort((a, b) => a.at - b.at || (a.rule < b.rule ? -1 : 1)),
    async prune(before) {
      const old = [...verdicts.values()]
        .filter(({ createdAt }) => createdAt < before)
        .sort((a, b) => a.createdAt - b.createdAt)
        .slice(0, PRUNED_AT_ONCE)
      for (const { id } of old) verdicts.delete(id)
      return old.length
    },
  }
}

const PRUNED_AT_ONCE = 1_000
