import { compilePath } from '../path-match.ts'
import { fail, judgement, pass, type Rule } from '../rule.ts'
import type { Snapshot, SnapshotCheck } from '../snapshot.ts'
import type { View } from '../view.ts'

const HARMLESS = new Set(['success', 'neutral', 'skipped'])

export const checksGreen: Rule = {
  id: 'checks/green',
  reads: ['head', 'checks'],
  evaluate(view) {
    const { green, red, absent } = sortChecks(view)
    const values = {
      green: String(green.length),
      'not green': [...red.map(describe), ...absent.map((name) => `${name}: not reported`)].join('; ') || 'none',
    }
    if (red.length === 0 && absent.length === 0) {
      return pass(
        green.length === 0
          ? 'no other check reported on the head'
          : `${green.length} other ${green.length === 1 ? 'check is' : 'checks are'} green`,
        values,
      )
    }
    const waiting = red.every((check) => check.conclusion === null)
    return fail(`not green: ${values['not green']}`, {
      values,
      remedy: waiting
        ? judgement(...wait('Wait until they are finished', view))
        : judgement('Read the failed checks and put right what they found'),
    })
  },
  fixes(view) {
    const { red, absent } = sortChecks(view)
    const first = red[0]?.name ?? absent[0]
    if (first === undefined) return []
    const waits = red[0] !== undefined && red[0].conclusion === null
    const [text, who] = waits
      ? wait(`Wait until \`${first}\` has succeeded`, view)
      : [`Make the check \`${first}\` succeed`, 'the author']
    return [
      {
        kind: 'check',
        text,
        who,
        apply: (snapshot) => withGreen(snapshot, first),
      },
    ]
  },
}

/** A server hears of the end of other checks; a workflow is not told. */
function wait(text: string, { snapshot }: View): readonly [string, string] {
  return snapshot.world === 'action'
    ? [`${text}, then run this job again`, 'anyone with write access']
    : [text, 'nobody: it happens by itself']
}

function sortChecks(view: View): {
  green: readonly SnapshotCheck[]
  red: readonly SnapshotCheck[]
  absent: readonly string[]
} {
  const { require, ignore } = view.policy.checks
  const ignored = ignore.map(compilePath)
  const others = latest(view.see(view.snapshot.checks)).filter(
    (check) => !check.own && !ignored.some((pattern) => pattern.matches(check.name)),
  )
  const relevant = require === 'all' ? others : others.filter((check) => require.includes(check.name))
  const red = relevant.filter((check) => check.conclusion === null || !HARMLESS.has(check.conclusion))
  const names = new Set(relevant.map((check) => check.name))
  return {
    green: relevant.filter((check) => !red.includes(check)),
    red,
    absent: require === 'all' ? [] : require.filter((name) => !names.has(name)),
  }
}

/** The newest per kind, app and name, by name: a check that was run again counts once. */
function latest(checks: readonly SnapshotCheck[]): readonly SnapshotCheck[] {
  const byKey = new Map<string, SnapshotCheck>()
  for (const check of checks) {
    const key = `${check.name}\n${check.kind}\n${check.app}`
    const other = byKey.get(key)
    if (other === undefined || check.id > other.id) byKey.set(key, check)
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, check]) => check)
}

function describe(check: SnapshotCheck): string {
  return `${check.name}: ${check.conclusion ?? check.status.replace('_', ' ')}`
}

function withGreen(snapshot: Snapshot, name: string): Snapshot {
  if ('unseen' in snapshot.checks) return snapshot
  const found = snapshot.checks.seen.some((check) => check.name === name)
  const checks = snapshot.checks.seen.map((check) =>
    check.name === name ? { ...check, status: 'completed' as const, conclusion: 'success' as const } : check,
  )
  const fresh = {
    kind: 'check-run',
    id: 0,
    name,
    app: null,
    own: false,
    status: 'completed',
    conclusion: 'success',
  } as const
  return { ...snapshot, checks: { seen: found ? checks : [...checks, fresh] } }
}
