import type { Account, Actor } from '../state/account.ts'
import type { AppRegistration, Installation, Permissions } from '../state/app-registration.ts'

/** Who calls the API, as the authorization header says. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app'; readonly registration: AppRegistration }
  | {
      readonly kind: 'installation'
      readonly registration: AppRegistration
      readonly installation: Installation
      readonly bot: Account
      readonly permissions: Permissions
      readonly repositoryIds?: ReadonlySet<number>
    }
  | { readonly kind: 'person'; readonly account: Account }

/** The account that acts through this caller; nobody for anonymous callers and bare Apps. */
export function findActor(caller: Caller): Actor | undefined {
  if (caller.kind === 'person') return { account: caller.account }
  if (caller.kind === 'installation') return { account: caller.bot, viaAppId: caller.registration.id }
  return undefined
}

/** What the rate limit is counted on. */
export function callerKey(caller: Caller): string {
  if (caller.kind === 'person') return `person ${caller.account.login}`
  if (caller.kind === 'installation') return `installation ${caller.installation.id}`
  return caller.kind === 'app' ? `app ${caller.registration.id}` : 'anonymous'
}
