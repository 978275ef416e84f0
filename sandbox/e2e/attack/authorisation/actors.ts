import type { Role } from '../../../github/state/repository.ts'

export const VISIBILITIES = ['public', 'internal', 'private'] as const
export type Visibility = (typeof VISIBILITIES)[number]

/** What GitHub says somebody may do. */
export type Permission = Role | 'none'

export interface Actor {
  readonly name: string
  /** As the webhook names the author; null where GitHub names nobody any more. */
  readonly user: { readonly login: string; readonly type: 'User' | 'Bot' } | null
  /** Given by name; else it follows from the visibility of the repository. */
  readonly role: Role | null
  /** Commands of theirs are not even read. */
  readonly isDeaf?: true
  readonly permission: (visibility: Visibility) => Permission
}

const person = (name: string, login: string, role: Role): Actor => ({
  name,
  user: { login, type: 'User' },
  role,
  permission: () => role,
})

/** Whoever can write a comment under a pull request, and who only seems to. */
export const ACTORS: readonly Actor[] = [
  // Owns the organisation; no repository names her.
  { name: 'owner', user: { login: 'alice', type: 'User' }, role: null, permission: () => 'admin' },
  person('administrator', 'adam', 'admin'),
  person('maintainer', 'mary', 'maintain'),
  person('writer', 'wendy', 'write'),
  person('triager', 'tom', 'triage'),
  person('reader', 'rita', 'read'),
  // A member of the organisation reads what is internal; what is public everybody reads.
  {
    name: 'outsider',
    user: { login: 'mallory', type: 'User' },
    role: null,
    permission: (visibility) => (visibility === 'private' ? 'none' : 'read'),
  },
  {
    name: 'bot with write',
    user: { login: 'helper[bot]', type: 'Bot' },
    role: 'write',
    isDeaf: true,
    permission: () => 'none',
  },
  {
    name: 'DevLoop itself',
    user: { login: 'devloop[bot]', type: 'Bot' },
    role: null,
    isDeaf: true,
    permission: () => 'none',
  },
  {
    name: 'somebody with its name',
    user: { login: 'devloop[bot]', type: 'User' },
    role: null,
    isDeaf: true,
    permission: () => 'none',
  },
  // GitHub does not tell a suspended person's permission any more.
  { name: 'suspended', user: { login: 'sam', type: 'User' }, role: null, permission: () => 'none' },
  { name: 'ghost', user: null, role: null, isDeaf: true, permission: () => 'none' },
]
