// The picture of an application: parties as lanes, acts by level, an arrow where one gives what
// another reads. Plain SVG without script, style sheet or outside reference; every text is escaped.
import type { Act, TextPack } from '#blueprint/grammar'
import { listOf } from '#blueprint/grammar'
import type { Graph } from '#blueprint/check'
import { ancestorsOf } from '#blueprint/check'
import type { Source } from './source.ts'
import { titleIn } from './source.ts'

const laneHeight = 64
const columnWidth = 190
const nameWidth = 220
const boxWidth = 158
const boxHeight = 40
const top = 40
/** Characters of a title that fit into a box, a Chinese one counting double. */
const titleUnits = 22
const nameUnits = 30

type Box = { readonly name: string; readonly x: number; readonly y: number }

/** The picture as the text of an SVG document. */
export function pictureOf(source: Source, pack: TextPack): string {
  const lanes = lanesOf(source)
  const boxes = boxesOf(source, lanes)
  const width = nameWidth + source.graph.levels.length * columnWidth + 20
  const height = top + lanes.length * laneHeight + 20
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="13">`
  return [
    head,
    `<title>${escaped(pack.title)}</title>`,
    `<defs>${arrowHead}</defs>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="24" font-size="16" font-weight="bold">${escaped(pack.title)}</text>`,
    ...lanes.map((party, at) => lane({ party, at, width }, pack)),
    ...arrows(source, boxes),
    ...boxes.map((box) => boxOf(source, box, pack)),
    '</svg>',
  ].join('\n')
}

const arrowHead =
  '<marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">' +
  '<path d="M0,0 L8,4 L0,8 z" fill="#5a6b7b"/></marker>'

/** Parties that act, in the order in which they first do. */
function lanesOf({ blueprint, graph }: Source): readonly string[] {
  const lanes = new Set<string>()
  for (const name of graph.levels.flat()) {
    for (const party of listOf(blueprint.acts[name]?.by)) lanes.add(party)
  }
  return [...lanes]
}

function boxesOf({ blueprint, graph }: Source, lanes: readonly string[]): readonly Box[] {
  const taken = new Map<string, number>()
  return graph.levels.flatMap((level, column) =>
    level.flatMap((name) =>
      listOf((blueprint.acts[name] as Act).by).map((party): Box => {
        const row = lanes.indexOf(party)
        const place = `${column} ${row}`
        // Several acts of one lane and level lie over one another, a little apart.
        const before = taken.get(place) ?? 0
        taken.set(place, before + 1)
        const x = nameWidth + column * columnWidth + before * 10
        return { name, x, y: top + row * laneHeight + 8 + before * 8 }
      }),
    ),
  )
}

function lane(
  { party, at, width }: { readonly party: string; readonly at: number; readonly width: number },
  pack: TextPack,
): string {
  const y = top + at * laneHeight
  const fill = at % 2 === 0 ? '#f3f6f9' : '#ffffff'
  const title = fitted(titleIn(pack.parties, party), nameUnits)
  return (
    `<rect x="0" y="${y}" width="${width}" height="${laneHeight}" fill="${fill}"/>` +
    `<text x="12" y="${y + laneHeight / 2 + 4}">${escaped(title)}</text>`
  )
}

function boxOf({ blueprint }: Source, { name, x, y }: Box, pack: TextPack): string {
  const act = blueprint.acts[name] as Act
  const dashed = act.when === undefined ? '' : ' stroke-dasharray="5 3"'
  const fill = act.auto === undefined ? '#ffffff' : '#e5f2e8'
  const border = act.final === undefined ? '1.2' : '2.6'
  const title = fitted(titleIn(pack.acts, name), titleUnits)
  const time = act.within === undefined ? '' : escaped(act.within)
  return (
    `<g><rect x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="6" fill="${fill}" ` +
    `stroke="#34495e" stroke-width="${border}"${dashed}/>` +
    `<text x="${x + 8}" y="${y + 17}">${escaped(title)}</text>` +
    `<text x="${x + 8}" y="${y + 33}" font-size="11" fill="#5a6b7b">${time}</text></g>`
  )
}

function arrows({ graph }: Source, boxes: readonly Box[]): readonly string[] {
  return boxes.flatMap((box) =>
    directly(graph, box.name).flatMap((before) => {
      const from = boxes.filter(({ name }) => name === before).at(-1)
      if (from === undefined) return []
      const [x1, y1] = [from.x + boxWidth, from.y + boxHeight / 2]
      const [x2, y2] = [box.x - 2, box.y + boxHeight / 2]
      const bend = Math.floor((x1 + x2) / 2)
      return [
        `<path d="M${x1},${y1} C${bend},${y1} ${bend},${y2} ${x2},${y2}" fill="none" ` +
          'stroke="#5a6b7b" marker-end="url(#head)"/>',
      ]
    }),
  )
}

/** The acts before an act that no other of them waits for: the others follow from these. */
function directly(graph: Graph, name: string): readonly string[] {
  const before = graph.before.get(name) ?? []
  return before.filter((each) => !before.some((other) => ancestorsOf(graph, other).has(each)))
}

/** The beginning of a text that fits, in units of a Latin letter. */
function fitted(text: string, units: number): string {
  let left = units
  let shown = ''
  for (const character of text) {
    left -= (character.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1
    if (left < 0) return `${shown}…`
    shown += character
  }
  return shown
}

/** A text as content of an element: nothing in it is markup. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
