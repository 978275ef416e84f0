export type PermissionLevel = 'read' | 'write' | 'admin'
/** Permission name as GitHub spells it (`pull_requests`, `checks`, ...) → level. */
export type Permissions = Readonly<Record<string, PermissionLevel>>

/** A GitHub App as its owner registered it. */
export interface AppRegistration {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly ownerLogin: string
  readonly botLogin: string
  readonly privateKeyPem: string
  readonly publicKeyPem: string
  readonly externalUrl: string
  readonly description: string | null
  readonly permissions: Permissions
  readonly events: readonly string[]
  readonly createdAt: string
  readonly hookId: number
  webhookSecret: string | null
  webhookUrl: string | null
}

/** An App in one account. */
export interface Installation {
  readonly id: number
  readonly appId: number
  readonly accountLogin: string
  readonly createdAt: string
  permissions: Permissions
  events: readonly string[]
  selection: 'all' | 'selected'
  readonly repositoryIds: Set<number>
  suspendedAt: string | null
  suspendedBy: string | null
}

/** What a bearer token stands for. */
export type Token =
  | { readonly kind: 'person'; readonly login: string }
  | {
      readonly kind: 'installation'
      readonly installationId: number
      readonly permissions: Permissions
      /** Undefined: all that the installation covers. */
      readonly repositoryIds?: ReadonlySet<number>
      readonly expiresAtMs: number
    }
