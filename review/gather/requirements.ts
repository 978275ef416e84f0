import type { ListItem, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString as textOf } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'

/** A check box of an issue that this change would close. */
export interface Requirement {
  /** `R1`, `R2`, … in the order of the issues and their boxes. */
  readonly id: string
  /** `#12`. */
  readonly issue: string
  readonly text: string
}

const most = 30
const longest = 240

/** The check boxes of linked issues, ticked or not: each becomes a line of the ledger. */
export function requirementsOf(issues: readonly { readonly number: number; readonly body: string }[]): Requirement[] {
  return issues
    .flatMap(({ number, body }) => checkBoxes(body).map((text) => ({ issue: `#${number}`, text })))
    .slice(0, most)
    .map((requirement, index) => ({ id: `R${index + 1}`, ...requirement }))
}

function checkBoxes(body: string): string[] {
  const tree = fromMarkdown(body, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  return itemsOf(tree).flatMap((item) => {
    if (typeof item.checked !== 'boolean') return []
    const own = item.children.filter((child) => child.type !== 'list')
    const text = textOf({ type: 'root', children: own }).replace(/\s+/gu, ' ').trim()
    return text === '' ? [] : [text.length > longest ? `${text.slice(0, longest - 1)}…` : text]
  })
}

function itemsOf(node: Nodes): ListItem[] {
  const children: readonly Nodes[] = 'children' in node ? node.children : []
  return [...(node.type === 'listItem' ? [node] : []), ...children.flatMap(itemsOf)]
}
