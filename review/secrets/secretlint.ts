import type { SecretPlace } from './patterns.ts'

/** Finds secrets in a text. */
export type SecretScanner = (text: string) => Promise<readonly SecretPlace[]>

/** secretlint with its recommended rules; loaded at the first use, because most commands need none of it. */
export const secretlintScanner: SecretScanner = async (text) => {
  const [{ lintSource }, { creator }, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ])
  // It keeps a mark of every rule it ever ran, and walks through all of them at each new one: a server would grow and slow down for ever.
  secretLintProfiler.mark = () => {}
  const result = await lintSource({
    source: { filePath: 'change.txt', content: text, contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }] },
    },
  })
  return result.messages.map(({ ruleId, range: [start, end] }) => ({
    kind: kindOf(ruleId),
    start,
    end,
    isCertain: true,
  }))
}

/** `@secretlint/secretlint-rule-slack` → `slack credential`; our own patterns have better names and win where both match. */
function kindOf(ruleId: string): string {
  return `${ruleId.replace(/^.*secretlint-rule-/, '').replaceAll('-', ' ')} credential`
}
