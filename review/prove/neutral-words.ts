import type { PhrasingContent } from 'mdast'

/**
 * Words GitHub acts on: mentions and mail addresses, `#1`, `GH-1`, `owner/repo#1`, `!1`, commit ids, addresses, security
 * advisories. None holds a space, so the word is the unit, and inside a code span GitHub leaves it alone.
 */
const actedOn = [
  /@[\p{L}\p{N}_-]/u,
  /#\d/u,
  /\bgh-\d/iu,
  /(?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])/iu,
  /[a-z][a-z0-9+.-]{0,30}:\/\//iu,
  /\bwww\./iu,
  /\b(?:mailto|xmpp|javascript|data):/iu,
  /\bghsa-/iu,
]

/** A word at the start of a line that a command parser would take. */
const command = /^\/[\p{L}\p{N}_-]/u

/** The text, with each word that would act put into a code span. */
export function neutralWords(text: string): PhrasingContent[] {
  const plain = text.replaceAll('<!--', '<! --').replaceAll('-->', '-- >')
  const nodes: PhrasingContent[] = []
  for (const word of plain.split(/(\s+)/u)) {
    if (word === '') continue
    if (actedOn.some((pattern) => pattern.test(word)) || command.test(word)) {
      nodes.push({ type: 'inlineCode', value: word })
      continue
    }
    const last = nodes.at(-1)
    if (last?.type === 'text') last.value += word
    else nodes.push({ type: 'text', value: word })
  }
  return nodes
}
