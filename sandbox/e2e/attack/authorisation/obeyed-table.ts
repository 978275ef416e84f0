import type { Observed } from './door.ts'
import { COMMANDS, type Case } from './matrix.ts'

/** What happened, in the words of a reader of the page. */
export function wordOf({ effect, reply }: Observed): string {
  if (effect === 'not heard') return 'not heard'
  // A command that was carried out and found nothing to do is obeyed; a refusal names the permission that is lacking.
  return effect === 'refused' && /needs `\w+` permission/.test(reply ?? '') ? 'refused, with who may' : 'obeyed'
}

export type Seen = Pick<Case, 'actor' | 'command'> & { readonly word: string }

/** Whoever was treated alike stands in one row, commands that ask for the same permission in one column. */
export function renderObeyedTable(seen: readonly Seen[]): string {
  const columns = Map.groupBy(COMMANDS, ({ least }) => least)
  const head = [...columns.values()].map((commands) =>
    commands.map(({ text }) => `\`${text.replace('/devloop ', '').split(' ')[0]?.replace('/', '')}\``).join(' '),
  )
  const rows = new Map<string, string[]>()
  for (const [name, ofActor] of Map.groupBy(seen, ({ actor }) => actor.name)) {
    const cells = [...columns.keys()].map((least) => {
      const words = ofActor.filter(({ command }) => command.least === least).map(({ word }) => word)
      return [...new Set(words)].sort().join('; ')
    })
    const key = cells.join(' | ')
    rows.set(key, [...(rows.get(key) ?? []), name])
  }
  return [
    `| who | ${head.join(' | ')} |`,
    `|---|${'---|'.repeat(head.length)}`,
    ...[...rows].map(([cells, names]) => `| ${names.join(', ')} | ${cells} |`),
  ].join('\n')
}
