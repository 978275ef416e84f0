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
      ...['wwwAutolink', 'protocolAutolink', 'emailAutolink', 'gfmFootnoteCall', 'gfmPotentialFootnoteCall'],
    ],
  },
}

/** Quotes and lists opened in one line: the parser's time grows with the square of their number, and no person writes so many. */
const NESTED_IN_ONE_LINE = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))){40}/mu

/** Underlines of headings: the parser's time grows with the square of their number. */
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/gmu
const MAX_UNDERLINES = 1_000

/** Block structure of a Markdown document, with positions. Throws `RangeError` when it is nested absurdly. */
export function readBlocks(source: string): Root {
  if (NESTED_IN_ONE_LINE.test(source)) throw new RangeError('a line opens more than 40 quotes or lists')
  if ((source.match(UNDERLINE)?.length ?? 0) > MAX_UNDERLINES)
    throw new RangeError('more than 1,000 lines are underlines')
  return fromMarkdown(source, {
    extensions: [gfm(), frontmatter(), BLOCKS_ONLY],
    mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown()],
  })
}
