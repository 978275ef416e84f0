import { nearest } from '../../config/nearest.ts'
import type { Command } from './command.ts'

const OPTIONS = ['--model', '--full', '--estimate', '--max-cost'] as const
const MODEL = /^[\w.-]+(?:\/[\w.-]+)*(?::[\w.-]+)?$/
const MAX_COST_USD = 1000

/** Reads what follows `/devloop review`: options anywhere, all other words are the focus. */
export function readReviewOptions(words: readonly string[]): Command | string {
  const focus: string[] = []
  let model: string | null = null
  let maxCostUsd: number | null = null
  let full = false
  let estimate = false

  const left = [...words]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    // Telephones write two hyphens as one dash.
    const option = word.replace(/^[–—]/, '--')
    if (!option.startsWith('--')) {
      focus.push(word)
      continue
    }
    const [name = '', joined] = option.split(/=(.*)/s)
    const value = () => joined ?? left.shift() ?? ''
    if (name === '--full') full = true
    else if (name === '--estimate') estimate = true
    else if (name === '--model') {
      model = value()
      if (!MODEL.test(model) || model.length > 200)
        return 'After `--model` comes an Ollama tag such as `qwen3-coder:30b`.'
    } else if (name === '--max-cost') {
      maxCostUsd = readUsd(value())
      if (maxCostUsd === null)
        return `After \`--max-cost\` comes an amount in dollars, at most ${MAX_COST_USD}: \`0.50\`.`
    } else {
      const near = nearest(name.slice(0, 40), OPTIONS)
      const shown = name.replaceAll(/[`\p{C}]/gu, '').slice(0, 40)
      return `\`${shown}\` is no option of review; ${near === undefined ? `there are ${OPTIONS.join(', ')}.` : `did you mean \`${near}\`?`}`
    }
  }
  return {
    name: 'review',
    focus: focus.length === 0 ? null : focus.join(' ').slice(0, 1000),
    model,
    full,
    estimate,
    maxCostUsd,
  }
}

function readUsd(text: string): number | null {
  if (!/^\$?\d{1,4}(?:\.\d{1,6})?$/.test(text)) return null
  const usd = Number(text.replace('$', ''))
  return usd > 0 && usd <= MAX_COST_USD ? usd : null
}
