import { appRoutes } from './app-routes.ts'
import { branchRoutes } from './branch-routes.ts'
import { checkRoutes } from './check-routes.ts'
import { commentRoutes } from './comment-routes.ts'
import { commitRoutes } from './commit-routes.ts'
import { contentRoutes } from './content-routes.ts'
import { deliveryRoutes } from './delivery-routes.ts'
import { issueRoutes } from './issue-routes.ts'
import { labelRoutes } from './label-routes.ts'
import { manifestRoutes } from './manifest-routes.ts'
import { mergeRoutes } from './merge-routes.ts'
import { metaRoutes } from './meta-routes.ts'
import { objectRoutes } from './object-routes.ts'
import { pullRequestRoutes } from './pull-request-routes.ts'
import { reactionRoutes } from './reaction-routes.ts'
import { refRoutes } from './ref-routes.ts'
import { repositoryRoutes } from './repository-routes.ts'
import { reviewCommentRoutes } from './review-comment-routes.ts'
import { reviewRoutes } from './review-routes.ts'
import type { Route } from './route.ts'
import { statusRoutes } from './status-routes.ts'
import { suiteRoutes } from './suite-routes.ts'
import { tagRoutes } from './tag-routes.ts'
import { userRoutes } from './user-routes.ts'

/** Every REST operation the sandbox answers. */
export const routes: readonly Route[] = [
  ...metaRoutes,
  ...appRoutes,
  ...deliveryRoutes,
  ...manifestRoutes,
  ...userRoutes,
  ...repositoryRoutes,
  ...branchRoutes,
  ...contentRoutes,
  ...refRoutes,
  ...objectRoutes,
  ...tagRoutes,
  ...commitRoutes,
  ...pullRequestRoutes,
  ...mergeRoutes,
  ...reviewRoutes,
  ...reviewCommentRoutes,
  ...issueRoutes,
  ...commentRoutes,
  ...reactionRoutes,
  ...labelRoutes,
  ...checkRoutes,
  ...suiteRoutes,
  ...statusRoutes,
]
