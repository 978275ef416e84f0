import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type HookKind = 'lefthook' | 'husky' | 'git'

export interface HookFile {
  readonly path: string
  readonly text: string
  readonly isExecutable: boolean
  readonly isSection: boolean
}

interface HookPlace {
  readonly root: string
  readonly hooks: HookKind
  readonly hooksDir: string
}

export const LEFTHOOK_FILES = ['lefthook.yml', 'lefthook.yaml', '.lefthook.yml', '.lefthook.yaml'] as const
const OWN_LEFTHOOK_FILE = 'lefthook-devloop.yml'
const BEGIN = '# devloop:begin'
const END = '# devloop:end'
const SECTION = /# devloop:begin[\s\S]*?# devloop:end\n?/u
/** Finds the command beside the project or on the PATH; a clone without it is still judged on the server, so it may go on. */
const FIND = `PATH="$PWD/node_modules/.bin:$PATH"
command -v devloop >/dev/null || { echo 'devloop is not installed here, so nothing was checked: npm install --save-dev @devloop/devloop' >&2; exit 0; }`
/** Before the first commit there is nothing to compare with. */
const STAGED = `${FIND}
git rev-parse -q --verify HEAD >/dev/null || exit 0
devloop check --staged || exit $?`
const PUSHED = `${FIND}
devloop check || exit $?`

/** The hooks in the words of whatever runs hooks here. */
export function hookFiles({ root, hooks, hooksDir }: HookPlace): readonly HookFile[] {
  if (hooks === 'lefthook') return lefthook(root)
  const folder = hooks === 'husky' ? '.husky' : hooksDir
  return [script(root, `${folder}/pre-commit`, STAGED), script(root, `${folder}/pre-push`, PUSHED)]
}

function script(root: string, path: string, commands: string): HookFile {
  return { path, text: withSection(read(root, path) ?? '#!/bin/sh\n', commands), isExecutable: true, isSection: true }
}

/** A key may not stand twice in YAML, so ours is a file of its own that the configuration extends. */
function lefthook(root: string): readonly HookFile[] {
  const path = LEFTHOOK_FILES.find((name) => existsSync(join(root, name))) ?? LEFTHOOK_FILES[0]
  const run = (commands: string) =>
    commands
      .split('\n')
      .map((line) => `        ${line}\n`)
      .join('')
  const own = ['pre-commit', 'pre-push']
    .map((hook) => `${hook}:\n  commands:\n    devloop:\n      run: |\n${run(hook === 'pre-commit' ? STAGED : PUSHED)}`)
    .join('')
  const files = [{ path: OWN_LEFTHOOK_FILE, text: own, isExecutable: false, isSection: true }]
  const text = read(root, path) ?? ''
  if (text.includes(OWN_LEFTHOOK_FILE)) return files
  const extended = /^extends:[ \t]*\n/m.test(text)
    ? text.replace(/^extends:[ \t]*\n/m, (line) => `${line}  - ${OWN_LEFTHOOK_FILE}\n`)
    : withSection(text, `extends:\n  - ${OWN_LEFTHOOK_FILE}`)
  return [...files, { path, text: extended, isExecutable: false, isSection: true }]
}

function withSection(text: string, body: string): string {
  const section = `${BEGIN}\n${body}\n${END}\n`
  if (SECTION.test(text)) return text.replace(SECTION, () => section)
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${section}`
}

function read(root: string, path: string): string | null {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}
