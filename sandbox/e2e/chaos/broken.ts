import type { Store } from '../../../ports/store.ts'
import type { Break } from './process-order.ts'

/** The store of a fleet that counts from RUNNING, when that is asked for: what a pod costs while it boots is forgotten. */
export function broken(store: Store, how: Break): Store {
  if (how !== 'from-running') return store
  const pods: Store['pods'] = {
    ...store.pods,
    update: (name, fence, patch) =>
      store.pods.update(name, fence, patch.runningAt == null ? patch : { ...patch, attemptedAt: patch.runningAt }),
  }
  return { ...store, pods }
}
