import { expect, it } from 'vitest'
import { referencePage } from './reference-page.ts'

it('escapes every text of the document', async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
  const operation = {
    summary: evil,
    security: [{ bearer: [evil] }],
    requestBody: { note: evil },
    responses: { [evil]: { description: evil } },
  }
  const info = { title: evil, version: evil, description: evil }
  const page = String(await referencePage({ info, paths: { [`/${evil}`]: { get: operation } } }))
  expect(page).not.toContain('<script')
  expect(page).not.toContain('<img')
  expect(page).not.toMatch(/(?:id|href)="[^"]*alert\(1\)[^"]*"[^>]*onerror/)
})
