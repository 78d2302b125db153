// Chromium of the distribution for tests of pages: opened without a window, with nothing of its own
// going out to any network. Where it is not installed, the reason is given and the test says that
// it was skipped. Nothing here is part of the product.
import { existsSync } from 'node:fs'
import process from 'node:process'

const chromiumPath = '/usr/bin/chromium'

/** The reason to skip a test that needs a browser; false where there is one. */
export function noBrowser(): string | false {
  return !existsSync(chromiumPath) && 'no Chromium is installed (apt-get install chromium)'
}

/** What a page says aloud: lines of its console, requests for other addresses, its own errors. */
export type Heard = { readonly lines: string[]; readonly requests: string[] }

// The types of the driver name those of a document in a browser, which the house's own sources are
// never checked with. These are the parts that tests use.
export type Page = {
  goto(url: string): Promise<unknown>
  /** Evaluates an expression in the page. */
  evaluate(expression: string): Promise<unknown>
  emulateMedia(media: {
    readonly media?: 'print' | 'screen'
    readonly colorScheme?: 'dark' | 'light'
  }): Promise<void>
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>
  screenshot(options: { readonly fullPage: boolean }): Promise<Buffer>
  pdf(options: { readonly format: 'A4' }): Promise<Buffer>
  close(): Promise<void>
  readonly keyboard: { press(key: string): Promise<void> }
  on(event: 'console', hear: (message: { text(): string }) => void): void
  on(event: 'pageerror', hear: (error: Error) => void): void
  on(event: 'request', hear: (request: { url(): string }) => void): void
}

export type Browser = { newPage(): Promise<Page>; close(): Promise<void> }

type Driver = {
  readonly chromium: {
    launch(options: {
      readonly executablePath: string
      readonly args: readonly string[]
    }): Promise<Browser>
  }
}

const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** Opens the browser; close it at the end. */
export async function openBrowser(): Promise<Browser> {
  const driver: string = 'playwright-core'
  const { chromium } = (await import(driver)) as Driver
  // A browser run by root has no sandbox; what is opened in it are pages of this house.
  const args = process.getuid?.() === 0 ? [...quiet, '--no-sandbox'] : quiet
  return chromium.launch({ executablePath: chromiumPath, args })
}

/** Opens a page at an address, and hears everything that it says and asks for. */
export async function openPage(
  browser: Browser,
  url: string,
): Promise<{ readonly page: Page; readonly heard: Heard }> {
  const page = await browser.newPage()
  const heard: Heard = { lines: [], requests: [] }
  page.on('console', (message) => heard.lines.push(message.text()))
  page.on('pageerror', ({ message }) => heard.lines.push(message))
  page.on('request', (request) => {
    if (request.url() !== url) heard.requests.push(request.url())
  })
  await page.goto(url)
  return { page, heard }
}
