import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument, isMap, isScalar } from 'yaml'
import { z } from 'zod'

const manifest = z.looseObject({
  name: z.string(),
  url: z.string(),
  default_permissions: z.record(z.string(), z.string()),
  default_events: z.array(z.string()),
})

export interface AppManifest {
  readonly manifest: z.output<typeof manifest>
  /** Each permission with the sentence that says what it is for. */
  readonly permissions: readonly { readonly name: string; readonly level: string; readonly purpose: string }[]
}

/** The App's manifest as `app.yml` has it; the comment behind a permission is its reason. */
export async function readAppManifest(): Promise<AppManifest> {
  const document = parseDocument(await readFile(join(import.meta.dirname, '..', 'app.yml'), 'utf8'))
  const parsed = manifest.parse(document.toJS())
  const rights = document.get('default_permissions')
  const purposes = new Map(
    isMap(rights)
      ? rights.items.map(({ key, value }) => [
          isScalar(key) ? String(key.value) : '',
          isScalar(value) ? (value.comment ?? '').trim() : '',
        ])
      : [],
  )
  const permissions = Object.entries(parsed.default_permissions).map(([name, level]) => ({
    name,
    level,
    purpose: purposes.get(name) ?? '',
  }))
  return { manifest: parsed, permissions }
}
