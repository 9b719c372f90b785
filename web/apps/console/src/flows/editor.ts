import type { FlowCheck, FlowProblem, FlowSummary, FlowView } from '@wecc/protocol'
import { http, type HttpOptions, Store, WeccError } from '@wecc/realtime'

import type { Draft, FlowDrafts } from './drafts'

const FLOWS = '/api/v1/flows'
const CHECK_DELAY_MS = 350
/** The server takes no more. */
const SOURCE_CHARS = 60_000

export const at = (path = ''): string => (path ? `${FLOWS}/${path}` : FLOWS)

type Ask = <T>(path: string, options?: HttpOptions) => Promise<T>

export interface FlowEditing {
  /** In force; null for a new flow and until it is read. */
  readonly view: FlowView | null
  readonly isRead: boolean
  readonly draft: Draft | null
  readonly source: string
  /** What is known of `source`; of an earlier text while it is being checked. */
  readonly check: FlowCheck
  readonly checked: string | null
  /** The newest text without errors, for the preview. */
  readonly playable: string | null
  readonly isUnchecked: boolean
  readonly isSaving: boolean
  readonly readError: WeccError | null
  readonly saveError: WeccError | null
}

const nothing: FlowCheck = { problems: [], outline: [] }

export const errorsOf = (problems: readonly FlowProblem[]): readonly FlowProblem[] =>
  problems.filter((one) => !one.is_warning)

/** Somebody saved another version since the draft was begun. */
export const isBehind = ({ view, draft }: FlowEditing): boolean =>
  draft !== null && draft.baseVersion !== (view?.summary.version ?? 0)

export const hasChanges = ({ view, draft }: FlowEditing): boolean =>
  draft !== null && draft.source !== view?.source

/** What became of a save. */
export type Saved = FlowSummary | 'invalid' | 'conflict' | 'failed'

/** One flow as it is edited: what is in force, what is not saved, and what is wrong with it. */
export class FlowEditor extends Store<FlowEditing> {
  readonly code: string
  readonly #drafts: FlowDrafts
  readonly #ask: Ask
  #reading = new AbortController()
  #checking = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(code: string, drafts: FlowDrafts, ask: Ask = http) {
    const draft = drafts.getSnapshot().get(code) ?? null
    super({
      view: null,
      isRead: false,
      draft,
      source: draft?.source ?? '',
      check: nothing,
      checked: null,
      playable: null,
      isUnchecked: false,
      isSaving: false,
      readError: null,
      saveError: null,
    })
    this.code = code
    this.#drafts = drafts
    this.#ask = ask
  }

  close(): void {
    this.#reading.abort()
    this.#checking.abort()
    clearTimeout(this.#timer)
  }

  /** A new flow: nothing of its code is in force. */
  begin(): void {
    this.#change({ isRead: true })
    this.#recheck(0)
  }

  /** Reads what is in force. */
  async read(): Promise<void> {
    this.#reading.abort()
    const reading = (this.#reading = new AbortController())
    try {
      const view = await this.#ask<FlowView>(at(this.code), { signal: reading.signal })
      if (!reading.signal.aborted) this.#take(view)
    } catch (thrown) {
      if (!reading.signal.aborted) this.#change({ readError: WeccError.from(thrown) })
    }
  }

  /** The list says which version is in force: reads it if it is another. */
  hear(version: number): void {
    const { isRead, isSaving, view } = this.getSnapshot()
    if (isRead && !isSaving && version !== (view?.summary.version ?? 0)) void this.read()
  }

  edit(source: string): void {
    const { view, draft } = this.getSnapshot()
    if (source === this.getSnapshot().source) return
    const baseVersion = draft?.baseVersion ?? view?.summary.version ?? 0
    const isBack = source === view?.source
    this.#keep(isBack ? null : { baseVersion, source, comment: draft?.comment ?? '' })
    this.#change({ source, saveError: null })
    if (view && isBack) this.#know(source, view)
    else this.#recheck()
  }

  comment(comment: string): void {
    const { draft } = this.getSnapshot()
    if (draft) this.#keep({ ...draft, comment })
  }

  /** Forgets what is not saved. */
  discard(): void {
    const { view } = this.getSnapshot()
    this.#keep(null)
    this.#change({ source: view?.source ?? '', saveError: null })
    if (view) this.#know(view.source, view)
  }

  /** Somebody saved meanwhile: one's own text goes on as changes to his. */
  rebase(): void {
    const { view, draft } = this.getSnapshot()
    if (view && draft) this.#keep({ ...draft, baseVersion: view.summary.version })
  }

  /** An earlier version becomes the draft, on top of what is in force. */
  restore(source: string, comment: string): void {
    const { view } = this.getSnapshot()
    if (!view || source === view.source) return this.discard()
    this.#keep({ baseVersion: view.summary.version, source, comment })
    this.#change({ source, saveError: null })
    this.#recheck(0)
  }

  /** Saves the draft as the next version: after the one it began with, or after `over`, which is replaced. */
  async save(over?: number): Promise<Saved> {
    const { draft, view, source } = this.getSnapshot()
    if (!draft) return view?.summary ?? 'failed'
    this.#change({ isSaving: true, saveError: null })
    try {
      const body = { base_version: over ?? draft.baseVersion, source, comment: draft.comment.trim() }
      const saved = await this.#ask<FlowView>(at(this.code), { method: 'PUT', body })
      const now = this.getSnapshot().draft
      // What was typed meanwhile stays, as changes to the version just saved.
      if (now && now.source !== source)
        this.#keep({ ...now, baseVersion: saved.summary.version, comment: '' })
      else this.#keep(null)
      this.#change({ isSaving: false })
      this.#take(saved)
      return saved.summary
    } catch (thrown) {
      const error = WeccError.from(thrown)
      this.#change({ isSaving: false, saveError: error })
      if (error.code === 'flow.conflict') {
        await this.read()
        return 'conflict'
      }
      if (error.code !== 'flow.invalid') return 'failed'
      const { problems } = error.data as { problems?: readonly FlowProblem[] }
      const { check } = this.getSnapshot()
      if (problems && this.getSnapshot().source === source) this.#know(source, { ...check, problems })
      return 'invalid'
    }
  }

  #take(view: FlowView): void {
    const text = { ...view, source: view.source.replace(/\r\n?/g, '\n') }
    const { draft } = this.getSnapshot()
    const isSame = draft?.source === text.source
    if (isSame) this.#keep(null)
    const source = draft && !isSame ? draft.source : text.source
    this.#change({ view: text, isRead: true, source, readError: null })
    if (source === text.source) this.#know(source, text)
    else this.#recheck(0)
  }

  #recheck(delay_ms = CHECK_DELAY_MS): void {
    this.#checking.abort()
    clearTimeout(this.#timer)
    const checking = (this.#checking = new AbortController())
    const { source } = this.getSnapshot()
    if (source.length > SOURCE_CHARS) {
      const line = source.slice(0, SOURCE_CHARS).split('\n').length
      const problem = { line, column: 1, code: 'source.long', about: `${SOURCE_CHARS}`, is_warning: false }
      return this.#know(source, { problems: [problem], outline: [] })
    }
    this.#timer = setTimeout(() => void this.#check(source, checking.signal), delay_ms)
  }

  async #check(source: string, signal: AbortSignal): Promise<void> {
    try {
      const body = { code: this.code, source }
      const check = await this.#ask<FlowCheck>(at('check'), { method: 'POST', body, signal })
      if (!signal.aborted) this.#know(source, check)
    } catch {
      if (!signal.aborted) this.#change({ isUnchecked: true })
    }
  }

  /** Tries again what could not be checked. */
  recheck(): void {
    if (this.getSnapshot().isUnchecked) this.#recheck(0)
  }

  #know(source: string, { problems, outline }: FlowCheck): void {
    this.#checking.abort()
    clearTimeout(this.#timer)
    const was = this.getSnapshot()
    this.#change({
      // While it cannot be read as a flow at all, the outline before is of more use than none.
      check: { problems, outline: outline.length ? outline : was.check.outline },
      checked: source,
      playable: errorsOf(problems).length ? was.playable : source,
      isUnchecked: false,
    })
  }

  #keep(draft: Draft | null): void {
    this.#drafts.put(this.code, draft)
    this.#change({ draft })
  }

  #change(change: Partial<FlowEditing>): void {
    this.set({ ...this.getSnapshot(), ...change })
  }
}
