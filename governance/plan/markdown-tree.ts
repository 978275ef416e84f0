import type { Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfm } from 'micromark-extension-gfm'

// Plans are read by their blocks and the source below them; inline signs are not needed, and skipping them saves a fifth of the time.
// Inside a scope such as `{paths: a/**, b/**}` they would even be wrong: the two ** would be read as emphasis.
const BLOCKS_ONLY = {
  disable: {
    null: [
      ...['attention', 'autolink', 'characterEscape', 'characterReference', 'codeText', 'hardBreakEscape', 'htmlText'],
      ...['labelEnd', 'labelStartImage', 'labelStartLink', 'definition', 'strikethrough'],
      ...['wwwAutolink', 'protocolAutolink', 'emailAutolink'],
    ],
  },
}

/** Block structure of a Markdown document, with positions. */
export function readBlocks(source: string): Root {
  return fromMarkdown(source, {
    extensions: [gfm(), frontmatter(), BLOCKS_ONLY],
    mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown()],
  })
}
