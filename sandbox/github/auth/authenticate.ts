import { ApiError } from '../api-error.ts'
import type { World } from '../world.ts'
import type { Caller } from './caller.ts'
import { verifyJwt } from './verify-jwt.ts'

/** Who sent a request with this authorization header. */
export function authenticate(world: World, authorization: string | undefined): Caller {
  if (authorization === undefined) return { kind: 'anonymous' }
  const token = readToken(authorization)
  if (token.split('.').length === 3) return { kind: 'app', registration: verifyJwt(world, token) }
  const known = world.tokens.get(token)
  if (known === undefined) throw new ApiError(401, 'Bad credentials')
  if (known.kind === 'person') return { kind: 'person', account: world.account(known.login) }
  const installation = world.installations.get(known.installationId)
  const registration = installation === undefined ? undefined : world.registrations.get(installation.appId)
  if (installation === undefined || registration === undefined || known.expiresAtMs <= world.nowMs()) {
    throw new ApiError(401, 'Bad credentials')
  }
  if (installation.suspendedAt !== null) throw new ApiError(403, 'This installation has been suspended')
  return {
    kind: 'installation',
    registration,
    installation,
    bot: world.account(registration.botLogin),
    permissions: known.permissions,
    ...(known.repositoryIds === undefined ? {} : { repositoryIds: known.repositoryIds }),
  }
}

function readToken(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ')
  if (scheme.toLowerCase() !== 'basic') return value
  const [user = '', password = ''] = Buffer.from(value, 'base64').toString('utf8').split(':')
  return password === '' || password === 'x-oauth-basic' ? user : password
}
