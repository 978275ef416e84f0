/** A person, an organization, or the bot user of an App. */
export interface Account {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Organization' | 'Bot'
  readonly name: string | null
  readonly email: string | null
  readonly createdAt: string
  /** Organizations only: who belongs, and as what. */
  readonly members: Map<string, 'admin' | 'member'>
  /** Organizations only: team slug → logins. */
  readonly teams: Map<string, Set<string>>
}

/** Who acts: an account, and the App through whose token it does so, if any. */
export interface Actor {
  readonly account: Account
  readonly viaAppId?: number
}
