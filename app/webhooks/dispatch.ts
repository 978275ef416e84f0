import { rulesReading } from '../../governance/triggers.ts'
import { governanceMessage } from '../../jobs/governance-target.ts'
import { factKeys } from '../../jobs/snapshot/fact-keys.ts'
import { shaList } from '../../jobs/snapshot/event-facts.ts'
import { storedPolicies } from '../../jobs/snapshot/policy-in-force.ts'
import { defaultConfig, type ResolvedConfig } from '../../config/resolved-config.ts'
import { answerComment } from '../commands/answer-comment.ts'
import type { CommandParts } from '../commands/parts.ts'
import { startAutoReview } from './auto-review.ts'
import { pressButton } from './check-button.ts'
import type { EventRepository, Intent, WebhookEvent } from './intent.ts'
import { remember } from './remember.ts'

export interface DispatchParts extends CommandParts {
  /** Tells the idle policy that a model may soon be wanted. */
  readonly hintDemand: (hint: {
    readonly repository: string
    readonly number: number
    readonly because: string
  }) => void
}

/** Carries out what a delivery asks for. May be done again for the same delivery. */
export async function dispatch(parts: DispatchParts, intents: readonly Intent[]): Promise<void> {
  for (const intent of intents) await carry(parts, intent)
}

async function carry(parts: DispatchParts, intent: Intent): Promise<void> {
  const { queue, store } = parts
  switch (intent.kind) {
    case 'remember':
      return remember(store.facts, intent.repository.name, intent.fact)
    case 'evaluate': {
      if (!(await isReadByRules(parts, intent.repository, intent.event))) return
      const target = { kind: 'pull-request', ...intent.repository, number: intent.number } as const
      return queue.send('governance', governanceMessage(target), { coalesce: true })
    }
    case 'evaluate-head': {
      if (!(await isReadByRules(parts, intent.repository, intent.event))) return
      const target = { kind: 'head', ...intent.repository, headSha: intent.headSha } as const
      return queue.send('governance', governanceMessage(target), { coalesce: true })
    }
    case 'evaluate-base': {
      if (!(await isBase(parts, intent.repository, intent.branch))) return
      if (!(await isReadByRules(parts, intent.repository, intent.event))) return
      const target = { kind: 'base', ...intent.repository, branch: intent.branch } as const
      return queue.send('governance', governanceMessage(target), { coalesce: true })
    }
    case 'evaluate-group': {
      const { kind: _kind, repository, ...group } = intent
      return queue.send('governance', governanceMessage({ kind: 'group', ...repository, ...group }), { coalesce: true })
    }
    case 'command':
      // Nobody here knows whether another replica has begun on it: one look at GitHub is cheaper than a second answer.
      return answerComment(parts, intent)
    case 'check-action':
      return pressButton(parts, intent)
    case 'auto-review':
      return startAutoReview(parts, intent)
    case 'hint':
      return parts.hintDemand({ repository: intent.repository.name, number: intent.number, because: intent.because })
    case 'forget-repository': {
      const policies = await store.facts.listByPrefix(factKeys.policies(intent.repository))
      for (const key of policies.keys()) await store.facts.delete(key)
      return
    }
  }
}

/** No call is made for an event that no enabled rule reads. Before the first evaluation, the defaults stand for the policy. */
async function isReadByRules(parts: DispatchParts, { name }: EventRepository, event: WebhookEvent): Promise<boolean> {
  const known = await storedPolicies(parts.store.facts, name)
  const policies: readonly ResolvedConfig[] = known.length === 0 ? [defaultConfig()] : known
  return policies.some((config) => rulesReading(event, config).length > 0)
}

/** Most pushes go to branches at which nothing aims. */
async function isBase(parts: DispatchParts, { name }: EventRepository, branch: string): Promise<boolean> {
  return (shaList.safeParse(await parts.store.facts.get(factKeys.bases(name))).data ?? []).includes(branch)
}
