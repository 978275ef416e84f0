import { ACTORS, type Actor, type Permission } from './actors.ts'
import type { Door, Effect, Observed, Place } from './door.ts'

const RANKS: readonly Permission[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

interface Command {
  readonly text: string
  /** Whoever has less is refused; `none` is everybody. */
  readonly least: Permission
  /** What it changes when it is obeyed. */
  readonly changes: string | null
}

export const COMMANDS: readonly Command[] = [
  { text: '/devloop help', least: 'none', changes: null },
  { text: '/devloop status', least: 'none', changes: null },
  { text: '/devloop check', least: 'none', changes: null },
  { text: '/devloop review', least: 'write', changes: 'jobs' },
  { text: '/devloop ask why?', least: 'write', changes: 'jobs' },
  { text: '/infer hello', least: 'write', changes: 'jobs' },
  { text: '/devloop pause', least: 'write', changes: 'paused' },
  { text: '/devloop resume', least: 'write', changes: 'paused' },
  { text: '/devloop cancel', least: 'write', changes: 'cancelled' },
  { text: '/devloop stop', least: 'write', changes: 'cancelled' },
  { text: '/devloop dismiss F-1', least: 'write', changes: null },
  { text: '/devloop override plan/scope because', least: 'admin', changes: 'waivers' },
]

export interface Case {
  readonly actor: Actor
  readonly command: Command
  readonly place: Place
}

/** Every actor with every command, each in one place after the other; with `all`, in every place. */
export function casesOf(places: readonly Place[], all: boolean): readonly Case[] {
  return ACTORS.flatMap((actor, row) =>
    COMMANDS.flatMap((command, column) =>
      places.flatMap((place, at) => (all || at === (row + column) % places.length ? [{ actor, command, place }] : [])),
    ),
  )
}

/** Answers what the product did, and what is wrong with it; null when nothing is. */
export async function tryCase(
  door: Door,
  { actor, command, place }: Case,
): Promise<{ observed: Observed; wrong: string | null }> {
  const observed = await door.say(actor, place, command.text)
  const permission = actor.permission(place.visibility)
  const isAllowed = RANKS.indexOf(permission) >= RANKS.indexOf(command.least)
  const expected: Effect = actor.isDeaf ? 'not heard' : isAllowed && !isNoFinding(command) ? 'done' : 'refused'
  const where = `${command.text} by ${actor.name} on a ${place.visibility} repository${place.isFork ? ', from a fork' : ''}`
  if (observed.effect !== expected)
    return { observed, wrong: `${where}: ${observed.effect}, not ${expected} (${observed.reply})` }
  if (expected === 'done' && command.changes === 'jobs' && !observed.changed.includes('jobs'))
    return { observed, wrong: `${where}: no job was made` }
  const others = observed.changed.filter((changed) => expected !== 'done' || changed !== command.changes)
  if (others.length > 0) return { observed, wrong: `${where}: changed ${others.join(', ')}` }
  if (expected === 'refused' && !isAllowed && !observed.reply?.includes(`needs \`${command.least}\``))
    return { observed, wrong: `${where}: refused without saying who may` }
  return { observed, wrong: null }
}

/** Nothing was found on these pull requests, so there is nothing to dismiss. */
function isNoFinding({ text }: Command): boolean {
  return text.includes('dismiss')
}
