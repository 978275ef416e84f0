import pg from 'pg'
import { type Break, BREAKS } from './broken.ts'

// Loaded before `devloop serve` in a broken variant: what `SCALE_OUT_BREAKS` names is said differently to the database.
const names = process.env.SCALE_OUT_BREAKS?.split(',') ?? []
const wanted = Object.entries(BREAKS).flatMap(([name, change]): Break[] => (names.includes(name) ? [change] : []))

function said(text: string): string {
  return wanted
    .filter(({ where }) => where === 'statement')
    .reduce((changed, { find, put }) => changed.replace(find, put), text)
}

const { query } = pg.Client.prototype
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, what: unknown, ...rest: unknown[]) {
    return Reflect.apply(query, this, [typeof what === 'string' ? said(what) : what, ...rest])
  },
})
