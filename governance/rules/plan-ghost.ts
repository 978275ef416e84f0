import { hashPlan } from '../plan/hash.ts'
import { findFileVersion, formatVersion } from '../plan/version.ts'
import { checkAgain, fail, mechanical, pass, type Rule, unknown } from '../rule.ts'
import type { ArchivedPlan } from '../snapshot.ts'
import type { View } from '../view.ts'
import { withHeadFolder, withoutFile } from '../what-if.ts'

export const planGhost: Rule = {
  id: 'plan/ghost',
  reads: ['head', 'files'],
  evaluate(view) {
    view.needPlanFolder()
    const archive = archiveAtHead(view)
    const ghosts = findGhosts(view)
    const values = { archived: String(archive.length) }
    if (ghosts.length > 0) {
      return fail(
        ghosts.map((ghost) => `${ghost.active} and ${ghost.archived.path} have the same ${ghost.same}`).join('; '),
        {
          values,
          where: ghosts.flatMap((ghost) => [ghost.active, ghost.archived.path]).map((path) => ({ path, line: 1 })),
          remedy: mechanical('Keep the plan in one folder: take the other copy away'),
        },
      )
    }
    const unread = archive.filter((entry) => entry.content === null && entry.mode.startsWith('100'))
    if (unread.length > 0)
      return unknown(
        `${unread.length} archived ${unread.length === 1 ? 'plan was' : 'plans were'} not read: ${unread[0]?.path}`,
        checkAgain,
        { values },
      )
    return pass('no version and no content is both active and archived', values)
  },
  fixes(view) {
    const before = new Set(view.see(view.snapshot.plans.mergeBase).archive.map((entry) => entry.path))
    const fresh = findGhosts(view)
      .map((ghost) => ghost.archived.path)
      .filter((path) => !before.has(path))
    if (fresh.length === 0) return []
    return [
      {
        kind: 'push',
        text: `Take ${fresh.join(', ')} out of the archive again, or finish with \`devloop plan complete\``,
        who: 'the author',
        apply: (snapshot) => withHeadFolder(snapshot, (side) => fresh.reduce(withoutFile, side)),
      },
    ]
  },
}

function archiveAtHead(view: View): readonly ArchivedPlan[] {
  return [...view.see(view.snapshot.plans.head).archive].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function findGhosts(view: View): { active: string; archived: ArchivedPlan; same: string }[] {
  const archive = archiveAtHead(view)
  return view.folder('head').plans.flatMap((plan) => {
    const version = plan.version && formatVersion(plan.version)
    const hash = hashPlan(plan)
    return archive.flatMap((archived) => {
      const fromName = findFileVersion(archived.path)
      const archivedVersion = archived.content?.version ?? (fromName && formatVersion(fromName))
      if (version !== null && archivedVersion === version)
        return [{ active: plan.path, archived, same: `version, ${version}` }]
      return archived.content?.hash === hash ? [{ active: plan.path, archived, same: 'content' }] : []
    })
  })
}
