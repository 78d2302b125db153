// How the files look: JSON in ASCII, one case a line, so that a change is read as a change of
// cases.

/** The text of a vector file. */
export function render(value: object): string {
  return `${toAscii(show(value, ''))}\n`
}

function show(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const lines = value.map((each) => `${indent}  ${JSON.stringify(each)}`)
    return `[\n${lines.join(',\n')}\n${indent}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const lines = Object.entries(value).map(
    ([key, each]) => `${indent}  ${JSON.stringify(key)}: ${show(each, `${indent}  `)}`,
  )
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function toAscii(text: string): string {
  return text.replace(
    /[^\n -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
