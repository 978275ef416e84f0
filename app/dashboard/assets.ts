import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Hono } from 'hono'
import { CLIENT_SCRIPT } from './client-script.ts'
import { STYLESHEET } from './stylesheet.ts'

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4f46e5"/><path d="M22 11a8 8 0 1 0 2 7" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/><path d="M24.5 6.5v6h-6" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`

interface Asset {
  readonly type: string
  readonly read: () => string
}

const textAt = (url: string) => readFileSync(fileURLToPath(url), 'utf8')

const ASSETS = {
  'dashboard.css': { type: 'text/css; charset=utf-8', read: () => STYLESHEET },
  'dashboard.js': { type: 'text/javascript; charset=utf-8', read: () => CLIENT_SCRIPT },
  'icon.svg': { type: 'image/svg+xml', read: () => ICON },
  'uplot.js': {
    type: 'text/javascript; charset=utf-8',
    read: () => textAt(import.meta.resolve('uplot/dist/uPlot.iife.min.js')),
  },
  'uplot.css': { type: 'text/css; charset=utf-8', read: () => textAt(import.meta.resolve('uplot/dist/uPlot.min.css')) },
} as const satisfies Readonly<Record<string, Asset>>

type AssetName = keyof typeof ASSETS

interface PackedAsset {
  readonly type: string
  readonly plain: Buffer<ArrayBuffer>
  readonly gzipped: Buffer<ArrayBuffer>
  readonly version: string
}

const packed = new Map<AssetName, PackedAsset>()

/** The address of a static file; a new version has a new one, so browsers may keep it for ever. */
export function assetUrl(name: AssetName): string {
  return `/dashboard/static/${name}?v=${pack(name).version}`
}

export function addAssetRoutes(app: Hono): void {
  for (const name of Object.keys(ASSETS) as AssetName[]) {
    app.get(`/dashboard/static/${name}`, (context) => {
      const { type, plain, gzipped, version } = pack(name)
      const isCurrent = context.req.query('v') === version
      const headers = {
        'content-type': type,
        'cache-control': isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache',
        vary: 'accept-encoding',
      }
      if (!/\bgzip\b/u.test(context.req.header('accept-encoding') ?? '')) return context.body(plain, 200, headers)
      return context.body(gzipped, 200, { ...headers, 'content-encoding': 'gzip' })
    })
  }
}

function pack(name: AssetName): PackedAsset {
  const known = packed.get(name)
  if (known !== undefined) return known
  const { type, read } = ASSETS[name]
  const plain = Buffer.from(read())
  const version = createHash('sha256').update(plain).digest('hex').slice(0, 10)
  const asset = { type, plain, gzipped: gzipSync(plain, { level: 9 }), version }
  packed.set(name, asset)
  return asset
}
