// The page of the data report in a real Chromium: complete in both languages, on a telephone and on
// paper, in light and dark, by keyboard alone, and silent towards every network.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { noBrowser, openBrowser, openPage } from '#test/browser'
import type { Browser, Heard, Page } from '#test/browser'
import { costly } from '#test/costly'
import { everyResult } from '#test/load-results'
import { reportPage } from './report-page.ts'
import { reportOf } from './report.ts'

const skip = noBrowser() || costly(4)
const folder = fs.mkdtempSync(path.join(tmpdir(), 'lianban-report-'))
let browser: Browser
let page: Page
let heard: Heard

before(async () => {
  if (skip !== false) return
  const { results, missing } = everyResult()
  const report = reportOf(results, {
    missing,
    attested: [
      { source: 'list', member: 'market', state: 'green', entry: 130 },
      { source: 'same', member: 'housing', state: 'red', entry: 131 },
      { source: 'fruitless', member: 'gas', code: 'sharing/steward-unknown' },
    ],
    at: Date.parse('2026-11-20T17:33:00Z'),
    seconds: 9.3,
    by: null,
    second: null,
  })
  const file = path.join(folder, 'report.html')
  fs.writeFileSync(file, reportPage(report))
  browser = await openBrowser()
  const opened = await openPage(browser, pathToFileURL(file).href)
  page = opened.page
  heard = opened.heard
})

after(async () => {
  if (skip === false) await browser.close()
  fs.rmSync(folder, { recursive: true })
})

const languages = ['zh', 'en'] as const

async function show(language: 'en' | 'zh'): Promise<void> {
  await page.evaluate(`document.getElementById('in-${language}').click()`)
}

/** What a reader sees of texts that are ours: names that are quoted are left out. */
const seen = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const texts = []
  while (walker.nextNode()) {
    const { parentElement: of, textContent: text } = walker.currentNode
    const ours = of.closest('[translate=no], style') === null
    if (ours && text.trim() !== '' && of.checkVisibility()) texts.push(text.trim())
  }
  return texts
})()`

test('each language is shown whole and alone', { skip }, async () => {
  await page.evaluate(`document.querySelectorAll('details').forEach((each) => (each.open = true))`)
  // Words that are the same in any language: standards, kinds of files, programs.
  const common = /GB 18030|UTF-8|Unicode|Excel|XML|CSV|SQLite|ID|csv|--[a-z]+|PDF|Word|\.[a-z0-9]+/g
  await show('zh')
  for (const text of (await page.evaluate(seen)) as readonly string[]) {
    assert.doesNotMatch(text.replaceAll(common, ''), /[A-Za-z]{2}/, text)
  }
  await show('en')
  const english = (await page.evaluate(seen)) as readonly string[]
  assert.ok(english.length > 300, `${english.length} texts`)
  for (const text of english) assert.doesNotMatch(text, /[\p{Script=Han}，。；：（）、]/u, text)
})

test('nothing is wider than its screen, on a telephone as on a desk', { skip }, async () => {
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 800 })
    for (const language of languages) {
      await show(language)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, language)
    }
  }
  const picture = await page.screenshot({ fullPage: true })
  assert.equal(picture.readUInt32BE(16), 375)
  assert.ok(picture.length > 50_000 && picture.length < 4_000_000, `${picture.length} bytes`)
})

/** The least contrast of any visible text to what lies behind it (WCAG 2.1 1.4.3), and the text. */
const contrast = `(() => {
  const light = (part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const lightness = (colour) => {
    const [r, g, b] = parts(colour)
    return 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b)
  }
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor
      if ((parts(colour)[3] ?? 1) === 1) return colour
    }
    return 'rgb(255, 255, 255)'
  }
  let least = { ratio: 21, text: '' }
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].find((each) => each.nodeType === 3)?.textContent.trim()
    if (!text || !element.checkVisibility()) continue
    const pair = [lightness(getComputedStyle(element).color), lightness(behind(element))]
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)
    if (ratio < least.ratio) least = { ratio, text }
  }
  return least
})()`

test('every text stands out from what lies behind it, in light and dark', { skip }, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { ratio, text } = (await page.evaluate(contrast)) as { ratio: number; text: string }
    assert.ok(ratio >= 4.5, `${colorScheme}: ${ratio} at ${text}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
})

test('landmarks, heads and names are there for whoever listens', { skip }, async () => {
  const faults = await page.evaluate(`(() => {
    const faults = []
    const want = (holds, what) => { if (!holds) faults.push(what) }
    const all = (selector) => [...document.querySelectorAll(selector)]
    want(document.documentElement.lang === 'zh-CN', 'language of the page')
    want(all('main').length === 1 && all('h1').length === 1, 'one main, one title')
    for (const table of all('table')) {
      want(table.caption !== null && table.role === 'table', 'table with a caption')
      want(table.querySelectorAll('thead th:not([scope=col])').length === 0, 'heads of columns')
      for (const row of table.tBodies[0].rows) {
        want(row.cells[0].scope === 'row', 'head of a row')
        want(row.cells.length === table.tHead.rows[0].cells.length, 'as many cells as heads')
      }
    }
    for (const section of all('section')) {
      want(document.getElementById(section.getAttribute('aria-labelledby')), 'named section')
    }
    for (const link of all('a')) want(document.querySelector(link.hash), 'link to ' + link.hash)
    const ids = all('[id]').map(({ id }) => id)
    want(new Set(ids).size === ids.length, 'each id once')
    want(all('input').every(({ labels }) => labels.length === 1), 'labels of inputs')
    want(all('script, img, link, iframe, form, [onclick]').length === 0, 'nothing else')
    return faults
  })()`)
  assert.deepEqual(faults, [])
})

test('all of it is reached by keyboard, in the order of reading', { skip }, async () => {
  await show('zh')
  await page.evaluate(`document.querySelectorAll('details').forEach((each) => (each.open = false))`)
  const visible = `document.querySelector('h1 .e').checkVisibility()`
  await page.evaluate(`document.getElementById('in-zh').focus()`)
  await page.keyboard.press('ArrowRight')
  assert.equal(await page.evaluate(visible), true, 'an arrow key changes the language')
  await page.evaluate(`globalThis.stops = []; globalThis.last = document.activeElement`)
  const wanted = await page.evaluate(`[...document.querySelectorAll('a, summary')].filter(
    (each) => each.checkVisibility()).length`)
  for (let at = 0; at < Number(wanted); at += 1) {
    await page.keyboard.press('Tab')
    await page.evaluate(`(() => {
      const now = document.activeElement
      const later = last.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING
      const ring = getComputedStyle(now).outlineStyle === 'solid'
      stops.push(later !== 0 && ring && now.matches('a, summary'))
      last = now
    })()`)
  }
  assert.deepEqual(await page.evaluate('stops'), Array(Number(wanted)).fill(true))
  await page.evaluate(`document.querySelector('summary').focus()`)
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(`document.querySelector('details').open`), true)
})

test('on paper stands what was folded, and no switch', { skip }, async () => {
  await page.evaluate(`document.querySelectorAll('details').forEach((each) => (each.open = false))`)
  const hidden = `[...document.querySelectorAll('details')].filter(
    ({ lastElementChild: each }) => each.offsetHeight === 0 || !each.checkVisibility()).length`
  assert.ok(Number(await page.evaluate(hidden)) > 10)
  await page.emulateMedia({ media: 'print' })
  assert.equal(await page.evaluate(hidden), 0)
  assert.equal(await page.evaluate(`document.querySelector('label').checkVisibility()`), false)
  const paper = await page.pdf({ format: 'A4' })
  assert.equal(paper.subarray(0, 5).toString(), '%PDF-')
  await page.emulateMedia({ media: 'screen' })
})

test(
  'the page asks for nothing, says nothing, and its policy forbids the rest',
  { skip },
  async () => {
    assert.deepEqual(heard, { lines: [], requests: [] })
    const refused = await page.evaluate(`new Promise((resolve) => {
    const told = ({ effectiveDirective }) => resolve(effectiveDirective)
    document.addEventListener('securitypolicyviolation', told)
    new Image().src = 'http://127.0.0.1:9/'
  })`)
    assert.equal(refused, 'img-src')
  },
)
