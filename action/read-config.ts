import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { workflowError } from './error.ts'
import type { Inputs } from './inputs.ts'
import type { ActionWorld } from './world.ts'

/** The policy file that the step names, or the defaults. */
export function readConfig({ config }: Inputs, { env }: ActionWorld): ResolvedConfig {
  if (config === null) return defaultConfig()
  const parsed = parsePolicyFile(readText(resolve(env.GITHUB_WORKSPACE ?? '.', config), config))
  if (parsed.ok) return parsed.config
  const [problem] = parsed.problems
  throw workflowError(
    'bad-config',
    `${config}:${problem?.line ?? 1}:${problem?.column ?? 1}: ${problem?.message ?? 'is not valid'}`,
    'docs/configuration.md lists every key.',
  )
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw workflowError(
      'bad-config',
      `The input config names ${shown}, which cannot be read.`,
      'Check the repository out first (actions/checkout), and name the file from its top folder.',
      cause,
    )
  }
}
