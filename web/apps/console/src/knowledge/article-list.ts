import type { ArticleCounts, ArticleList, ArticleRow } from '@wecc/protocol'
import { http, Store, WeccError } from '@wecc/realtime'

import { at } from './use-act'

export type Scope = keyof ArticleCounts

export interface ListQuery {
  readonly scope: Scope
  readonly category: string | null
  readonly q: string
}

export interface Listed {
  readonly rows: readonly ArticleRow[] | null
  readonly total: number
  readonly counts: ArticleCounts | null
  readonly isReading: boolean
  readonly error: WeccError | null
}

const PAGE = 50

type Read = (query: ListQuery, offset: number) => Promise<ArticleList>

const readPage: Read = ({ scope, category, q }, offset) =>
  http<ArticleList>(at('articles', { scope, category, q, offset, limit: PAGE }))

/** The editors' list, read on while one scrolls; what is read later never stands twice. */
export class ArticleListing extends Store<Listed> {
  readonly #query: ListQuery
  readonly #read: Read
  #isClosed = false
  #isAgain = false

  constructor(query: ListQuery, read: Read = readPage) {
    super({ rows: null, total: 0, counts: null, isReading: false, error: null })
    this.#query = query
    this.#read = read
  }

  /** Reads all pages again that are shown. */
  async refresh(): Promise<void> {
    // acts that follow each other quickly are answered by one more round
    if (this.getSnapshot().isReading) this.#isAgain = true
    else await this.#work(() => this.#pages(this.getSnapshot().rows?.length ?? 0))
  }

  async more(): Promise<void> {
    const { rows, total, isReading } = this.getSnapshot()
    if (isReading || rows === null || rows.length >= total) return
    await this.#work(async () => this.#show(rows, await this.#read(this.#query, rows.length)))
  }

  close(): void {
    this.#isClosed = true
  }

  async #pages(shown: number): Promise<void> {
    let rows: readonly ArticleRow[] = []
    let page: ArticleList
    do {
      page = await this.#read(this.#query, rows.length)
      rows = without(rows, page.articles)
    } while (rows.length < shown && page.articles.length > 0 && rows.length < page.total && !this.#isClosed)
    this.#show([], { ...page, articles: rows })
  }

  #show(before: readonly ArticleRow[], { articles, total, counts }: ArticleList): void {
    const rows = without(before, articles)
    this.#change({ rows, total: articles.length ? total : rows.length, counts, error: null })
  }

  async #work(work: () => Promise<void>): Promise<void> {
    this.#change({ isReading: true })
    try {
      do {
        this.#isAgain = false
        await work()
      } while (this.#isAgain && !this.#isClosed)
    } catch (thrown) {
      this.#change({ error: WeccError.from(thrown) })
    }
    this.#change({ isReading: false })
  }

  #change(change: Partial<Listed>): void {
    if (!this.#isClosed) this.set({ ...this.getSnapshot(), ...change })
  }
}

function without(before: readonly ArticleRow[], added: readonly ArticleRow[]): readonly ArticleRow[] {
  const known = new Set(before.map((one) => one.id))
  return [...before, ...added.filter((one) => !known.has(one.id))]
}
