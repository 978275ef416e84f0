import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { EnvironmentError } from './read-environment.ts'

/**
 * What the whole installation may rent and spend: `devloop.yml` in the data folder, or `.github/devloop.yml` of the folder the server is
 * started in, or the defaults. A repository's own file governs its rules and reviews; it cannot rent more than this allows.
 */
export async function readServerConfig(environment: Environment, folder: string): Promise<ResolvedConfig> {
  const places = [join(environment.DEVLOOP_DATA, 'devloop.yml'), join(folder, '.github', 'devloop.yml')]
  const path = places.find((place) => existsSync(place))
  if (path === undefined) return defaultConfig()
  const parsed = parsePolicyFile(await readFile(path, 'utf8'))
  if (parsed.ok) return parsed.config
  const [problem] = parsed.problems
  throw new EnvironmentError({
    code: 'environment',
    owner: 'user',
    message: `${path}:${problem?.line ?? 1}:${problem?.column ?? 1}: ${problem?.message ?? 'is not valid'}`,
    remedy: 'Correct the file; docs/configuration.md lists every key.',
  })
}
