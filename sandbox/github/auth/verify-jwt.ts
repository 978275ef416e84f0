import { createVerify } from 'node:crypto'
import { ApiError } from '../api-error.ts'
import { isObject, type JsonObject } from '../contracts/json.ts'
import type { AppRegistration } from '../state/app-registration.ts'
import type { World } from '../world.ts'

const maxLifeSeconds = 600
// GitHub forgives clocks that are a little ahead of its own.
const leewaySeconds = 60

/** The App that signed this token with its private key, or GitHub's refusal. */
export function verifyJwt(world: World, token: string): AppRegistration {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const payload = decode(claims)
  if (decode(header)?.alg !== 'RS256' || payload === undefined) throw undecodable()
  const registration = findIssuer(world, payload.iss)
  if (registration === undefined) throw new ApiError(401, 'Integration not found')
  const isSigned = createVerify('RSA-SHA256')
    .update(`${header}.${claims}`)
    .verify(registration.publicKeyPem, Buffer.from(signature, 'base64url'))
  if (!isSigned) throw undecodable()
  checkTimes(payload, Math.floor(world.nowMs() / 1000))
  return registration
}

function checkTimes(payload: JsonObject, nowSeconds: number): void {
  const { exp, iat } = payload
  if (typeof exp !== 'number' || exp <= nowSeconds) {
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  }
  if (typeof iat !== 'number' || iat > nowSeconds + leewaySeconds) {
    throw new ApiError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  }
  if (exp > nowSeconds + maxLifeSeconds + leewaySeconds) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
  }
}

function findIssuer(world: World, issuer: unknown): AppRegistration | undefined {
  for (const registration of world.registrations.values()) {
    if (String(registration.id) === String(issuer) || registration.clientId === issuer) return registration
  }
  return undefined
}

function decode(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function undecodable(): ApiError {
  return new ApiError(401, 'A JSON web token could not be decoded')
}
