import type { GovernanceConfig } from '../config/resolved-config.ts'
import { matchesLogin } from './path-match.ts'
import type { Principal, Snapshot } from './snapshot.ts'

export type ActorClass = 'human' | 'agent' | 'senior-agent'

const NOREPLY = /^(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com$/iu
/** GitHub's own committer for merges and edits in the browser; it made nothing. */
const GITHUB_ITSELF = new Set(['login:web-flow', 'mail:noreply@github.com'])

export function classOf(actor: Principal, reviews: GovernanceConfig['reviews']): ActorClass {
  const login = actor.login ?? ''
  if (reviews.seniorAgents.some((pattern) => matchesLogin(pattern, login))) return 'senior-agent'
  if (actor.type === 'Bot' || reviews.agents.some((pattern) => matchesLogin(pattern, login))) return 'agent'
  return 'human'
}

/** One key per person: the login if there is one (also inside GitHub's noreply addresses), else the e-mail address. */
export function principalKey(actor: Pick<Principal, 'login' | 'email'>): string | null {
  const login = actor.login ?? NOREPLY.exec(actor.email ?? '')?.[1]
  if (login) return `login:${login.toLowerCase()}`
  return actor.email ? `mail:${actor.email.toLowerCase()}` : null
}

/** Everybody who made the change, with what they did. */
export type Makers = ReadonlyMap<string, ReadonlySet<string>>

/** `missing` says which parts could not be seen though they should; an approval may then be less independent than it looks. */
export function makersOf(snapshot: Snapshot): { readonly makers: Makers; readonly missing: readonly string[] } {
  const roles = new Map<string, Set<string>>()
  const missing: string[] = []
  const add = (actor: Pick<Principal, 'login' | 'email'>, role: string) => {
    const key = principalKey(actor)
    if (key === null || GITHUB_ITSELF.has(key)) return
    roles.set(key, (roles.get(key) ?? new Set()).add(role))
  }
  const look = <T>(
    part: { readonly seen: T } | { readonly unseen: string; readonly because: 'nature' | 'failure' },
    use: (value: T) => void,
  ) => {
    if ('seen' in part) use(part.seen)
    else if (part.because === 'failure') missing.push(part.unseen)
  }
  look(snapshot.change.author, (author) => add(author, 'opened it'))
  look(snapshot.commits, (commits) => {
    for (const commit of commits) {
      add(commit.author, 'wrote a commit')
      add(commit.committer, 'committed')
      for (const coAuthor of commit.coAuthors) add(coAuthor, 'is a co-author')
    }
  })
  look(snapshot.pushers, (pushers) => {
    for (const pusher of pushers) add(pusher, 'pushed')
  })
  look(snapshot.launchers, (launchers) => {
    for (const { agent, launcher } of launchers) {
      if (roles.has(`login:${agent.toLowerCase()}`)) add({ login: launcher, email: null }, `launched ${agent}`)
    }
  })
  return { makers: roles, missing }
}
