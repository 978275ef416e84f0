import type { ReviewStore, StoredDismissal, StoredReview } from '../../ports/store.ts'

export function createReviewTable(): ReviewStore {
  const reviews = new Map<string, StoredReview>()
  const dismissals = new Map<string, StoredDismissal>()
  return {
    async add(review) {
      if (!reviews.has(review.id)) reviews.set(review.id, review)
    },
    find: async (id) => reviews.get(id),
    list: async (repository, pullRequest) =>
      [...reviews.values()]
        .filter((review) => review.repository === repository && review.pullRequest === pullRequest)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)),
    async dismiss(dismissal) {
      dismissals.set(`${dismissal.repository}#${dismissal.pullRequest}#${dismissal.fingerprint}`, dismissal)
    },
    listDismissals: async (repository, pullRequest) =>
      [...dismissals.values()]
        .filter((dismissal) => dismissal.repository === repository && dismissal.pullRequest === pullRequest)
        .sort((a, b) => a.at - b.at || (a.fingerprint < b.fingerprint ? -1 : 1)),
    async prune(before) {
      const kept = reviews.size + dismissals.size
      for (const [id, { createdAt }] of reviews) if (createdAt < before) reviews.delete(id)
      for (const [key, { at }] of dismissals) if (at < before) dismissals.delete(key)
      return kept - reviews.size - dismissals.size
    },
  }
}
