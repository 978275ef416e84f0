import type { Rule } from '../rule.ts'
import { agentsRulesInSync } from './agents-rules-in-sync.ts'
import { branchDirectPush } from './branch-direct-push.ts'
import { branchName } from './branch-name.ts'
import { branchTarget } from './branch-target.ts'
import { checksGreen } from './checks-green.ts'
import { planApprovedEdit } from './plan-approved-edit.ts'
import { planArchiveFrozen } from './plan-archive-frozen.ts'
import { planArchiveOpen } from './plan-archive-open.ts'
import { planBaseMoved } from './plan-base-moved.ts'
import { planBranchPhase } from './plan-branch-phase.ts'
import { planGhost } from './plan-ghost.ts'
import { planIdLoss } from './plan-id-loss.ts'
import { planMissingTick } from './plan-missing-tick.ts'
import { planNameVersion } from './plan-name-version.ts'
import { planOneActive } from './plan-one-active.ts'
import { planOverlap } from './plan-overlap.ts'
import { planPhantomTick } from './plan-phantom-tick.ts'
import { planPhaseBump } from './plan-phase-bump.ts'
import { planRevertTick } from './plan-revert-tick.ts'
import { planScope } from './plan-scope.ts'
import { planSilentEdit } from './plan-silent-edit.ts'
import { planStale } from './plan-stale.ts'
import { planTaskRef } from './plan-task-ref.ts'
import { reviewApproved } from './review-approved.ts'
import { reviewIndependent } from './review-independent.ts'

/** Every rule, in the order in which verdicts show them. */
export const RULES: readonly Rule[] = [
  branchName,
  branchTarget,
  branchDirectPush,
  reviewApproved,
  reviewIndependent,
  checksGreen,
  planOneActive,
  planNameVersion,
  planGhost,
  planArchiveFrozen,
  planArchiveOpen,
  planSilentEdit,
  planPhaseBump,
  planApprovedEdit,
  planBranchPhase,
  planTaskRef,
  planScope,
  planPhantomTick,
  planMissingTick,
  planRevertTick,
  planIdLoss,
  planBaseMoved,
  planOverlap,
  planStale,
  agentsRulesInSync,
]
