// The two languages of the terminal. Every sentence exists in both; which one is printed follows
// from `--lang`, then from the environment, and never from the content.

/** A sentence in both languages. */
export type Text = { readonly zh: string; readonly en: string }

export type Language = keyof Text

/** A sentence in both languages: Chinese, then English. */
export function text(zh: string, en: string): Text {
  return { zh, en }
}

/** The language that the environment asks for (POSIX order); English when it says nothing. */
export function languageOf(env: { readonly [name: string]: string | undefined }): Language {
  const named = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return named.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
