// A city of one member with an empty system, texts that are loaded into it, and what stands in it
// then. Nothing here is part of the product.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after } from 'node:test'
import type { Json } from '#base/canonical'
import { gbEncode, openText } from '#adapters/sources'
import { decodeLoadFile, isLoadFile, loadAll } from '#apps/node/loading'
import type { LoadFile, LoadOptions, LoadResult } from '#apps/node/loading'

const root = fs.mkdtempSync(join(os.tmpdir(), 'lianban-loading-'))
after(() => fs.rmSync(root, { recursive: true }))

type Members = { readonly [name: string]: unknown }

/** A load file, before it is decoded: a list of firms. */
export const firms: Members & {
  readonly fields: { readonly uscc: Members; readonly name: Members }
  readonly make: Members
  readonly tables: readonly [Members]
} = {
  format: 'lianban/load/1',
  name: 'firms',
  zh: '企业',
  en: 'firms',
  steward: 'market',
  file: 'firms.csv',
  source: { name: 'a test', terms: 'none' },
  fields: {
    uscc: { column: '代码', as: 'uscc', normal: ['blanks', 'upper'] },
    name: { column: '名称', as: 'text', normal: ['trim'] },
  },
  key: ['uscc'],
  make: { rep: 'person' },
  tables: [
    {
      member: 'market',
      table: 'firm',
      identify: ['uscc', 'name'],
      firms: { code: 'uscc', name: 'name' },
      columns: { uscc: 'uscc', name: 'name', rep: 'rep.code' },
    },
  ],
}

const header = '名称,代码,电话'
let cities = 0

export type TestCity = {
  readonly directory: string
  readonly load: (
    files: readonly (readonly [unknown, readonly string[]])[],
    more?: {
      readonly second?: string
      readonly most?: number
      readonly looked?: LoadOptions['looked']
    },
  ) => Promise<readonly LoadResult[]>
  readonly rows: (table?: string) => readonly { readonly [column: string]: unknown }[]
}

/** A city of one member with an empty system, and a way to load texts into it. */
export function loadingCity(): TestCity {
  cities += 1
  const directory = join(root, String(cities))
  fs.mkdirSync(directory)
  const pathOf = (member: string): string => join(directory, `${member}.db`)
  new DatabaseSync(pathOf('market')).close()
  return {
    directory,
    load: (files, { second, most = 50, looked } = {}) => {
      const texts = new Map(files.map(([file, lines]) => [fileOf(file).name, lines]))
      return loadAll(
        files.map(([file]) => fileOf(file)),
        {
          directory,
          pathOf,
          sourceOf: (file) => {
            const path = join(directory, file.file)
            const lines = [header, ...(texts.get(file.name) ?? [])].join('\r\n')
            fs.writeFileSync(path, gbEncode(lines) as Uint8Array)
            return openText(path, {})
          },
          now: 1,
          looked:
            looked ?? (async () => (second === undefined ? null : { by: 'a', second, signed: {} })),
          most,
        },
      )
    },
    rows: (table = 'firm') => {
      const database = new DatabaseSync(pathOf('market'), { readOnly: true })
      const rows = database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()
      database.close()
      return rows
    },
  }
}

/** A load file that was read, which is sound. */
export function fileOf(value: unknown): LoadFile {
  const file = decodeLoadFile(value as Json)
  assert.ok(isLoadFile(file), JSON.stringify(file))
  return file
}
