import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { type Environment, parseEnvironment } from '../config/environment.ts'
import { CodedError } from '../ports/errors.ts'

export class EnvironmentError extends CodedError<'environment'> {}

/** The process's variables over those of `.env` in `folder`. Throws one sentence that names every variable that does not fit. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>, folder: string): Environment {
  const result = parseEnvironment(withDotEnv(variables, folder))
  if (result.ok) return result.environment
  throw new EnvironmentError({
    code: 'environment',
    owner: 'user',
    message: result.problems.map((problem) => problem.message).join(' '),
    remedy: 'Correct it in the environment or in .env; `devloop doctor` lists every variable.',
  })
}

function withDotEnv(variables: Readonly<Record<string, string | undefined>>, folder: string) {
  const path = join(folder, '.env')
  const file = existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''))
  const fromFile = given.PRIVATE_KEY_PATH ?? file.PRIVATE_KEY_PATH
  const key =
    fromFile && !given.PRIVATE_KEY && !file.PRIVATE_KEY && existsSync(fromFile)
      ? { PRIVATE_KEY: readFileSync(fromFile, 'utf8') }
      : {}
  return { ...file, ...key, ...given }
}
