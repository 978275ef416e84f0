import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderConfigurationReference } from './configuration-reference.ts'
import { renderControllerReference } from './controller-reference.ts'
import { withGeneratedRegion } from './generated-region.ts'
import { renderRulesTable } from './rules-table.ts'

// Writes the parts of docs/ that come from schemas. `scripts/references.test.ts` fails when they are not fresh.
const docs = join(import.meta.dirname, '..', 'docs')
write('configuration.md', renderConfigurationReference())
write('controller.md', withGeneratedRegion(read('controller.md'), await renderControllerReference()))
write('rules.md', withGeneratedRegion(read('rules.md'), renderRulesTable()))

function read(name: string): string {
  return readFileSync(join(docs, name), 'utf8')
}

function write(name: string, text: string): void {
  writeFileSync(join(docs, name), text)
}
