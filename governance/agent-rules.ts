import type { ResolvedConfig } from '../config/resolved-config.ts'

const BEGIN = '<!-- devloop:begin (generated from .github/devloop.yml by `devloop init`; edits are lost) -->'
const END = '<!-- devloop:end -->'
const BEGIN_SIGN = '<!-- devloop:begin'

/** Files through which coding agents learn the rules; each holds one generated section. */
export const AGENT_RULE_PATHS = ['AGENTS.md', '.cursor/rules/devloop.mdc'] as const

const CURSOR_HEAD = '---\ndescription: How changes are made in this repository\nalwaysApply: true\n---\n\n'

/** The text of the file with the section of this policy in it; everything else stays as it is. Doing it twice changes nothing. */
export function applyAgentRules(path: string, text: string | null, config: ResolvedConfig): string {
  const section = renderSection(config)
  const old = text?.replaceAll('\r\n', '\n') ?? ''
  const found = findSection(old)
  if (found !== undefined) return old.slice(0, found.start) + section + old.slice(found.end)
  if (old.trim() !== '') return `${old.trimEnd()}\n\n${section}\n`
  return `${path.endsWith('.mdc') ? CURSOR_HEAD : '# For coding agents\n\n'}${section}\n`
}

/** Which files do not say what the policy says, and why. `text` null: the file does not exist. */
export function compareAgentRules(
  files: readonly { readonly path: string; readonly text: string | null }[],
  config: ResolvedConfig,
): readonly { readonly path: string; readonly why: string }[] {
  const wanted = renderSection(config)
  return [...new Map(files.map((file) => [file.path, file])).values()]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap(({ path, text }) => {
      if (text === null) return [{ path, why: 'missing' }]
      const plain = text.replaceAll('\r\n', '\n')
      const found = findSection(plain)
      if (found === undefined) return [{ path, why: 'has no DevLoop section' }]
      return plain.slice(found.start, found.end) === wanted ? [] : [{ path, why: 'differs' }]
    })
}

/** From the first beginning to the end after it; by search, since the file is whatever a change made of it. */
function findSection(text: string): { readonly start: number; readonly end: number } | undefined {
  const start = text.indexOf(BEGIN_SIGN)
  const end = start < 0 ? -1 : text.indexOf(END, start)
  return end < 0 ? undefined : { start, end: end + END.length }
}

function renderSection({ governance }: ResolvedConfig): string {
  const { branches, reviews, plan } = governance
  const target =
    branches.staging === null
      ? code(branches.main)
      : `${code(branches.staging)} (${code(branches.main)} where it does not exist)`
  const fed =
    branches.staging === null
      ? ''
      : ` ${code(branches.main)} is fed by ${code(branches.staging)}, \`release/\` and \`hotfix/\` branches only.`
  const lines = [
    '## How changes are made here',
    '',
    '`devloop check` says whether a change keeps these rules; run it before you push.',
    '',
    `- Branches are named ${code(branches.feature)}${branches.exempt.length > 0 ? `; exempt are ${branches.exempt.map(code).join(', ')}` : ''}.`,
    `- Open pull requests against ${target}.${fed}`,
    `- A change needs ${reviews.approvals} ${reviews.approvals === 1 ? 'approval' : 'approvals'} on its last commit, by ${reviews.count.map((kind) => `a ${kind}`).join(' or ') || 'nobody'}.${reviews.independent ? ' Approvals of those who wrote, pushed or launched it do not count.' : ''}`,
    `- The one active plan lies in ${code(`${plan.dir}/active/`)}. Read it first, work on an open task of the current phase, and cite it in the body of the pull request: \`Plan: T-101\`.`,
    `- Change only files in the paths of that task${plan.allow.length > 0 ? `, and ${plan.allow.map(code).join(', ')}` : ''}.`,
    '- Tick a box only in the change that does the work. Closing the last task of a phase raises the minor version: run `devloop plan bump`.',
    `- Do not edit the content of the plan unless asked to; an edit raises the version and needs ${plan.owners.length > 0 ? plan.owners.map(code).join(' or ') : 'a plan owner'}. Never change ${code(`${plan.dir}/completed/`)}.`,
    '- A task id is never reused. Leave a tombstone: `- ~~T-104~~ → T-110` or `- ~~T-104~~ (removed: reason)`.',
  ]
  return `${BEGIN}\n${lines.join('\n')}\n${END}`
}

/** Code that cannot break out of its line or of the section. */
function code(text: string): string {
  return `\`${text.replaceAll(/[`\r\n]|-->/gu, '')}\``
}
