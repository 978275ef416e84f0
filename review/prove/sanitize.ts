import type { Code, InlineCode, Nodes, Paragraph, PhrasingContent, RootContent } from 'mdast'
import { fromMarkdown, type Options } from 'mdast-util-from-markdown'
import { gfmFromMarkdown, gfmToMarkdown } from 'mdast-util-gfm'
import { toMarkdown, type Options as WriteOptions } from 'mdast-util-to-markdown'
import { toString as textOf } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'
import { cleanModelText, shorten } from './clean-text.ts'
import { neutralWords } from './neutral-words.ts'

/**
 * Model text as Markdown that GitHub may show: paragraphs, lists, bold text and code; nothing else survives. The text is parsed as
 * GitHub parses it and written anew from the kinds of nodes we permit, so that there is no spelling of a heading, link, image,
 * HTML tag, comment, mention, reference or command left to forget. Idempotent; never longer than `maxCharacters`.
 */
export function sanitizeModelText(text: string, maxCharacters = 2000): string {
  return withinLength(text, maxCharacters, (part) => write(blocksOf(parse(part).children, 0)))
}

/** The same for a title: one line, no blocks. */
export function sanitizeModelLine(text: string, maxCharacters = 160): string {
  return withinLength(text.replace(/\s+/gu, ' '), maxCharacters, (part) => {
    const children = blocksOf(parse(part).children, 0).flatMap((block) => [space, ...inlineOf(block)])
    return write([paragraph(children.slice(1))]).replace(/\s+/gu, ' ')
  })
}

const space: PhrasingContent = { type: 'text', value: ' ' }

/** Escaping makes text longer: the input is shortened until the output fits, so that a second pass has nothing left to cut. */
function withinLength(text: string, maxCharacters: number, sanitize: (text: string) => string): string {
  const clean = cleanModelText(text).trim()
  if (clean.length <= maxCharacters && isPlain(clean)) return clean
  for (let length = maxCharacters; length > 8; length = Math.floor(length * 0.8)) {
    const settled = settle(shorten(clean, length), sanitize)
    if (settled !== null && settled.length <= maxCharacters) return settled
  }
  return ''
}

/**
 * One paragraph of words and code spans, which reads back as itself: most of what models write, and a hundred times cheaper to
 * recognise than to parse.
 */
function isPlain(text: string): boolean {
  if (!/^\p{L}(?:[\p{L}\p{N},.;:'"()?%=-]| (?! )|`[\w.,:;()$'"=>+*/ -]+`(?!`))*$/u.test(text)) return false
  return neutralWords(text.replaceAll(/`[^`]+`/g, 'code')).every((node) => node.type === 'text')
}

/** What is written must read back as itself; text that does not come to rest is shortened until it does. */
function settle(text: string, sanitize: (text: string) => string): string | null {
  let last = text
  for (let round = 0; round < 6; round++) {
    const next = sanitize(last).trim()
    if (next === last) return next
    last = next
  }
  return null
}

// Built once: putting the extensions together costs more than reading a comment with them.
const reading: Options = { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }
const writing: WriteOptions = {
  extensions: [gfmToMarkdown()],
  bullet: '-',
  fences: true,
  listItemIndent: 'one',
  resourceLink: true,
}

function parse(text: string) {
  return fromMarkdown(text, reading)
}

function write(children: RootContent[]): string {
  return toMarkdown({ type: 'root', children }, writing)
}

/** Deeper lists are laid out flat: nobody reads them, and nesting costs stack. */
const maxDepth = 3

function blocksOf(nodes: readonly Nodes[], depth: number): RootContent[] {
  return nodes.flatMap((node): RootContent[] => {
    switch (node.type) {
      case 'paragraph':
        return filled(paragraph(phrasesOf(node.children)))
      case 'heading':
        return filled(paragraph([{ type: 'strong', children: phrasesOf(node.children) }]))
      case 'code':
        return [codeOf(node.value, node.lang ?? null)]
      case 'list': {
        if (depth >= maxDepth) return node.children.flatMap((item) => blocksOf(item.children, depth))
        const items = node.children.map((item) => blocksOf(item.children, depth + 1))
        const children = items
          .filter((blocks) => blocks.length > 0)
          .map((blocks) => ({ type: 'listItem' as const, spread: false, children: blocks.filter(isBlock) }))
        return children.length === 0
          ? []
          : [{ type: 'list', ordered: node.ordered ?? false, start: 1, spread: false, children }]
      }
      case 'blockquote':
      case 'footnoteDefinition':
        return blocksOf(node.children, depth)
      case 'table':
        return node.children.flatMap((row) =>
          filled(paragraph(neutralWords(row.children.map((cell) => textOf(cell)).join(', ')))),
        )
      case 'html':
        return filled(paragraph(neutralWords(node.value)))
      case 'thematicBreak':
      case 'definition':
        return []
      default:
        return filled(paragraph(neutralWords(textOf(node))))
    }
  })
}

function isBlock(node: RootContent): node is Extract<RootContent, { type: 'paragraph' | 'code' | 'list' }> {
  return node.type === 'paragraph' || node.type === 'code' || node.type === 'list'
}

function paragraph(children: PhrasingContent[]): Paragraph {
  return { type: 'paragraph', children }
}

function filled(node: Paragraph): Paragraph[] {
  return textOf(node).trim() === '' ? [] : [node]
}

function phrasesOf(nodes: readonly Nodes[]): PhrasingContent[] {
  return nodes.flatMap((node, index): PhrasingContent[] => {
    switch (node.type) {
      case 'text':
        return neutralWords(node.value)
      case 'strong': {
        const children = phrasesOf(node.children)
        return standsAlone(nodes[index - 1], node, nodes[index + 1]) ? [{ type: 'strong', children }] : children
      }
      case 'emphasis':
        return phrasesOf(node.children)
      case 'inlineCode':
        return [inlineCodeOf(node.value)]
      case 'break':
        return [space]
      case 'link':
      case 'linkReference':
      case 'delete':
        return phrasesOf(node.children)
      case 'image':
      case 'imageReference':
        return neutralWords(node.alt ?? '')
      case 'footnoteReference':
        return []
      default:
        return neutralWords(textOf(node) || ('value' in node ? node.value : ''))
    }
  })
}

/** Only between blanks can bold text be written without escapes, which would split characters beyond the basic plane. */
function standsAlone(before: Nodes | undefined, node: Nodes, after: Nodes | undefined): boolean {
  const isBefore = before === undefined || (before.type === 'text' && /\s$/u.test(before.value))
  const isAfter = after === undefined || (after.type === 'text' && /^[\s.,:;]/u.test(after.value))
  return isBefore && isAfter && /^\S(?:.*\S)?$/su.test(textOf(node))
}

function inlineOf(block: RootContent): PhrasingContent[] {
  if (block.type === 'paragraph') return block.children
  return neutralWords(textOf(block).replace(/\s+/gu, ' '))
}

function inlineCodeOf(value: string): InlineCode {
  return { type: 'inlineCode', value: withoutComments(value) }
}

/** Languages that GitHub only colours; others (suggestion, mermaid, math, geojson) it acts on. */
const plainLanguages = new Set(
  'bash c cpp cs css diff dockerfile go graphql hcl html java javascript js json jsx kotlin php python py ruby rust scss sh sql swift toml ts tsx typescript xml yaml'.split(
    ' ',
  ),
)

function codeOf(value: string, language: string | null): Code {
  const known = language !== null && plainLanguages.has(language.toLowerCase()) ? language.toLowerCase() : null
  return { type: 'code', lang: known, value: withoutComments(value) }
}

/** Our hidden markers are HTML comments looked for in the raw text: none may stand there, not even in code. */
function withoutComments(value: string): string {
  return value.replaceAll('<!--', '<! --')
}
