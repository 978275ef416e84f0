/** Functions and methods that come with Python and Go; those of JavaScript are asked of the language itself. */
const OTHERS =
  'abs all any append arange ascii bool bytes callable capitalize chr classmethod close complex copy count dataclass decode delete dict difference dir divmod encode endswith enumerate eval exec extend filter find float format frozenset fromkeys getattr globals hasattr hash hex index input insert intersection isalnum isalpha isdigit isinstance issubclass items iter join keys len list locals lower lstrip map max memoryview min next object oct open ord partition pop popitem pow print property range remove replace repr reversed round rstrip set setattr setdefault slice sort sorted split splitlines startswith staticmethod str strip sum super title tuple type union update upper values vars zip ' +
  'cap clear error errorf fatalf fprintf itoa atoi make new panic printf println recover sprintf unwrap wrapf close done lock unlock rlock runlock'

const BUILT_IN = new Set([...ofJavaScript(), ...OTHERS.split(' ')].map((name) => name.toLowerCase()))

/** Whether a name comes with a language, so that no file of the change has to declare it. */
export function isLanguageName(name: string): boolean {
  return BUILT_IN.has(name.toLowerCase()) || /(?:Error|Exception)$/u.test(name)
}

function ofJavaScript(): readonly string[] {
  return Object.getOwnPropertyNames(globalThis).flatMap((name) => {
    if (!/^[A-Z]/u.test(name)) return [name]
    const found: unknown = Reflect.get(globalThis, name)
    if (typeof found !== 'function' && (typeof found !== 'object' || found === null)) return [name]
    const { prototype } = found as { readonly prototype?: unknown }
    const ofInstances = typeof prototype === 'object' && prototype !== null ? Object.getOwnPropertyNames(prototype) : []
    return [name, ...Object.getOwnPropertyNames(found), ...ofInstances]
  })
}
