import { z } from 'zod'

const entry = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  optional: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
})
export const lockfile = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), entry) })
export type Lockfile = z.infer<typeof lockfile>

/** Licences under which a dependency may stand. */
const ALLOWED = new Set([
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'CC0-1.0', 'BlueOak-1.0.0', 'Python-2.0'],
  // Changes to its own files stay open; ours are none of them.
  ...['MPL-2.0', 'Unlicense'],
])

/** Packages whose licence stands in their readme only, and which. */
const UNNAMED: Readonly<Record<string, string>> = { 'node_modules/format': 'MIT' }

/** Packages that may run a program while they are installed; `allowScripts` of package.json says which of them do. */
const INSTALL_SCRIPTS = new Set([
  'node',
  '@ast-grep/lang-go',
  '@ast-grep/lang-python',
  'protobufjs',
  'fsevents',
  'esbuild',
])

const REGISTRY = 'https://registry.npmjs.org/'

/** One sentence for everything in a lock file that this house does not take. */
export function lockfileProblems({ packages }: Lockfile): readonly string[] {
  return Object.entries(packages).flatMap(([path, each]) => {
    if (path === '') return []
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const license = each.license ?? UNNAMED[path] ?? 'none named'
    return [
      ...(isAllowed(license) ? [] : [`${name} stands under ${license}`]),
      ...(each.link === true ? [`${name} is a link to another place`] : []),
      ...(each.resolved === undefined || each.resolved.startsWith(REGISTRY)
        ? []
        : [`${name} comes from ${each.resolved}`]),
      ...(hasChecksum(each) || isForeignBinary(each) ? [] : [`${name} has no SHA-512`]),
      ...(/^\d+\.\d+\.\d+/.test(each.version ?? '') ? [] : [`${name} has the version ${each.version ?? 'none'}`]),
      ...(each.hasInstallScript && !INSTALL_SCRIPTS.has(name) ? [`${name} runs a program when it is installed`] : []),
    ]
  })
}

/** Binaries of other systems than the one that wrote the lock file, which npm then takes unchecked; filled in by `npm install` online. */
export function uncheckedBinaries({ packages }: Lockfile): readonly string[] {
  return Object.entries(packages).flatMap(([path, each]) =>
    isForeignBinary(each) && !hasChecksum(each) ? [path.slice('node_modules/'.length)] : [],
  )
}

type Entry = Lockfile['packages'][string]

function hasChecksum({ integrity }: Entry): boolean {
  return /^sha512-[A-Za-z0-9+/]{86}==/.test(integrity ?? '')
}

function isForeignBinary({ optional, os, cpu }: Entry): boolean {
  return optional === true && (os !== undefined || cpu !== undefined)
}

/** Of an expression such as `(AFL-2.1 OR MIT)` one choice must be allowed. */
function isAllowed(license: string): boolean {
  return license
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => ALLOWED.has(one)))
}
