import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { POLICY_PATH } from '../config/policy-schema.ts'
import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import { AGENT_RULE_PATHS, applyAgentRules } from '../governance/agent-rules.ts'
import { newPlanText } from '../governance/plan/complete.ts'
import { planFileName } from '../governance/plan/version.ts'
import { type HookKind, hookFiles } from './init-hooks.ts'

export interface Found {
  readonly root: string
  readonly branch: string
  readonly hasStaging: boolean
  readonly hooks: HookKind
  readonly hasPlan: boolean
  /** Where git looks for hooks. */
  readonly hooksDir: string
}

/** One file as it is and as it should be. */
export interface Wanted {
  readonly path: string
  readonly before: string | null
  readonly after: string
  /** Our own section in somebody's file, which may be renewed at any time. */
  readonly isSection: boolean
  readonly isExecutable: boolean
}

const FIRST_VERSION = { major: 0, minor: 1, patch: 0 } as const

/** Everything `devloop init` would like to see in this repository. */
export function initFiles(found: Found, today: string): readonly Wanted[] {
  const policyText = policyOf(found)
  const kept = readText(found.root, POLICY_PATH)
  const config = configOf(kept ?? policyText)
  const dir = config.governance.plan.dir ?? 'DEV_MAN'
  const title = found.root.slice(found.root.lastIndexOf('/') + 1)
  const plan = newPlanText({ title, version: FIRST_VERSION, today })
  const whole: readonly (readonly [string, string])[] = [
    [POLICY_PATH, policyText],
    ...(found.hasPlan ? [] : [[`${dir}/active/${planFileName(FIRST_VERSION)}`, plan] as const]),
    [
      `${dir}/completed/README.md`,
      '# Finished plans\n\nMoved here by `devloop plan complete`; they are not changed any more.\n',
    ],
    ['.github/workflows/devloop.yml', workflow()],
  ]
  return [
    ...whole.map(([path, after]) => wanted(found.root, path, after)),
    ...hookFiles(found).map(({ path, text, isExecutable, isSection }) => ({
      ...wanted(found.root, path, text),
      isExecutable,
      isSection,
    })),
    ...AGENT_RULE_PATHS.map((path) => ({
      ...wanted(found.root, path, applyAgentRules(path, readText(found.root, path), config)),
      isSection: true,
    })),
  ]
}

function wanted(root: string, path: string, after: string): Wanted {
  return { path, before: readText(root, path), after, isSection: false, isExecutable: false }
}

function readText(root: string, path: string): string | null {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

function configOf(text: string): ResolvedConfig {
  const parsed = parsePolicyFile(text)
  return parsed.ok ? parsed.config : defaultConfig()
}

function policyOf({ branch, hasStaging }: Found): string {
  return `# What holds in this repository. Every key and its default: docs/configuration.md of DevLoop.
version: 1
governance:
  branches: {main: ${branch}, staging: ${hasStaging ? 'dev' : 'null'}, feature: 'phase-{phase}/{slug}', exempt: ['dependabot/**', 'release/**', 'hotfix/**']}
  reviews: {approvals: 1}
  plan: {dir: DEV_MAN, allow: ['**/*.lock', 'package-lock.json']}
review:
  model: qwen3-coder:30b
`
}

function workflow(): string {
  return `name: DevLoop
on:
  pull_request:
    types: [opened, synchronize, reopened, edited, labeled, unlabeled, ready_for_review]
  pull_request_review:
    types: [submitted, edited, dismissed]
  merge_group:

permissions: {}

concurrency:
  group: devloop-\${{ github.event.pull_request.number || github.ref }}
  cancel-in-progress: true

jobs:
  governance:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
      pull-requests: read
      statuses: read
      checks: write
    steps:
      - uses: devloop/devloop@v1
        with:
          command: check
`
}
