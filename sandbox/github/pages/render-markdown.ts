import { raw } from 'hono/html'
import { micromark, type Options } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import type { Markup } from './markup.ts'

type HtmlExtension = NonNullable<Options['htmlExtensions']>[number]

// GitHub lets a little HTML through; these carry no attributes, so that nothing can hide in them.
const allowedTags = /&lt;(\/?(?:details|summary|sub|sup|kbd|br|b|i|em|strong)\s*\/?|details open)&gt;/g

/** People's Markdown as HTML: other tags are shown as text, comments not at all, dangerous links dropped. */
export function renderMarkdown(markdown: string): Markup {
  const rendered = micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml(), tamedHtml] })
  // Task boxes come without a name; nobody but GFM can have written this tag.
  return raw(rendered.replaceAll('<input type="checkbox"', '<input type="checkbox" aria-label="Task"'))
}

const tamedHtml: HtmlExtension = {
  enter: {
    htmlFlow() {
      this.lineEndingIfNeeded()
      this.buffer()
    },
    htmlText() {
      this.buffer()
    },
  },
  exit: {
    htmlFlow() {
      this.raw(tame(this.resume()))
    },
    htmlText() {
      this.raw(tame(this.resume()))
    },
    htmlFlowData(token) {
      this.raw(this.encode(this.sliceSerialize(token)))
    },
    htmlTextData(token) {
      this.raw(this.encode(this.sliceSerialize(token)))
    },
  },
}

function tame(text: string): string {
  return text.replace(/&lt;!--[\s\S]*?--&gt;/g, '').replace(allowedTags, '<$1>')
}
