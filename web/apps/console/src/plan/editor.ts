import type { PlanCheck, PlanVersion, PlanView, Problem, RoutingPlan } from '@wecc/protocol'
import { http, Store, WeccError } from '@wecc/realtime'

import type { Line } from '../desk/thread'
import { type Change, changesBetween, patchBetween, undoing } from './changes'
import { areSame, type Fields, fieldsOf, type Leaf, patched, type Patch, planOf } from './fields'
import type { Kept } from './kept'
import { Latest } from './latest'
import { merge, type Merged, settled } from './merge'
import { allProblems, isSendable, localProblems } from './rules'

export interface Step {
  readonly forth: Patch
  readonly back: Patch
}

/** Another version was saved since the edit began; what came of both, to be settled. */
export interface Conflicting {
  readonly theirs: PlanView
  readonly theirFields: Fields
  readonly merged: Merged
}

export interface Editing {
  /** The version the edit began with. Null until it was read; then `error` may say why not. */
  readonly view: PlanView | null
  readonly error: unknown
  readonly base: Fields
  readonly draft: Fields
  /** The draft, as the wire has it. */
  readonly plan: RoutingPlan
  readonly changes: readonly Change[]
  readonly done: readonly Step[]
  readonly undone: readonly Step[]
  readonly problems: readonly Problem[]
  /** The server's last word, perhaps on an earlier draft. */
  readonly check: PlanCheck | null
  readonly checking: 'no' | 'yes' | 'failed'
  /** Saved by others while one has changes of one's own. */
  readonly newer: PlanVersion | null
  readonly conflict: Conflicting | null
  readonly isSaving: boolean
  readonly saveError: unknown
  /** Just put in force by oneself. */
  readonly saved: PlanVersion | null
  /** The draft was kept over a reload. */
  readonly isRestored: boolean
}

const nothing: Fields = new Map()
const noPlan: RoutingPlan = {
  policy: 'gap',
  favours_high_target_when_met: false,
  favours_high_target_when_missed: false,
  late_turn: 5,
  agent_choice: 'least_occupied',
  offer_timeout_s: 20,
  max_misses: 3,
  wrap_up_s: 30,
  tiers: [],
  groups: [],
  members: [],
  hours: [],
}
const fieldsIn = ({ plan, agents }: PlanView): Fields => fieldsOf(plan, agents)

/** Everybody's queues are arranged anew before it is answered. */
const SAVE_MS = 30_000
const MAX_STEPS = 200
/** Typing into one field is one step while the strokes follow each other within so long. */
const STROKES_MS = 1500

/** A draft of the routing plan beside the one in force: edited, checked, undone, saved, merged. */
export class Editor extends Store<Editing> {
  readonly #line: Line
  readonly #kept: Kept
  readonly #checker: Latest<Fields, PlanCheck | null>
  #strokes: { readonly path: string; readonly at_ms: number } | null = null
  #heard: PlanVersion | null = null

  constructor(line: Line, kept: Kept) {
    super({
      view: null,
      error: null,
      base: nothing,
      draft: nothing,
      plan: noPlan,
      changes: [],
      done: [],
      undone: [],
      problems: [],
      check: null,
      checking: 'no',
      newer: null,
      conflict: null,
      isSaving: false,
      saveError: null,
      saved: null,
      isRestored: false,
    })
    this.#line = line
    this.#kept = kept
    this.#checker = new Latest(
      () => this.#askCheck(),
      (of, answer) => this.#checked(of, answer),
    )
    line.on('plan:changed', (version) => this.#hear(version))
    let wasOnline = line.getSnapshot().kind === 'online'
    line.subscribe(() => {
      const isOnline = line.getSnapshot().kind === 'online'
      if (isOnline && !wasOnline && this.getSnapshot().view) void this.#catchUp()
      wasOnline = isOnline
    })
    addEventListener('pagehide', () => this.#keep())
    addEventListener('beforeunload', (event) => {
      if (this.getSnapshot().changes.length) event.preventDefault()
    })
    void this.read()
  }

  /** Reads the plan in force; a draft kept over a reload goes on. */
  async read(): Promise<void> {
    this.#change({ error: null })
    try {
      const view = await this.#line.request('plan:read', {})
      const kept = this.#kept.read()
      if (!kept || areSame(kept.draft, fieldsIn(kept.view))) return this.#begin(view)
      const isCurrent = kept.view.version.version === view.version.version
      this.#begin({ ...(isCurrent ? view : kept.view), agents: view.agents }, kept.draft)
      this.#change({ isRestored: true, newer: isCurrent ? null : view.version })
    } catch (error) {
      this.#change({ error })
    }
  }

  /** Sets values; undefined takes one away. One step to undo. */
  edit(patch: Patch | Readonly<Record<string, Leaf | undefined>>): void {
    const { draft, base, done } = this.getSnapshot()
    const next = patched(draft, patch instanceof Map ? patch : new Map(Object.entries(patch)), base)
    const forth = patchBetween(draft, next)
    if (forth.size === 0) return
    const [path] = forth.keys()
    const last = done.at(-1)
    const isStroke =
      forth.size === 1 &&
      last &&
      this.#strokes?.path === path &&
      Date.now() - this.#strokes!.at_ms < STROKES_MS
    this.#strokes = forth.size === 1 ? { path: path!, at_ms: Date.now() } : null
    const step = { forth, back: isStroke ? last.back : patchBetween(next, draft) }
    this.#change({
      done: [...(isStroke ? done.slice(0, -1) : done), step].slice(-MAX_STEPS),
      undone: [],
      saved: null,
    })
    this.#setDraft(next)
  }

  undo(): void {
    const { draft, base, done, undone } = this.getSnapshot()
    const step = done.at(-1)
    if (!step) return
    this.#strokes = null
    this.#change({ done: done.slice(0, -1), undone: [...undone, step] })
    this.#setDraft(patched(draft, step.back, base))
  }

  redo(): void {
    const { draft, base, done, undone } = this.getSnapshot()
    const step = undone.at(-1)
    if (!step) return
    this.#strokes = null
    this.#change({ done: [...done, step], undone: undone.slice(0, -1) })
    this.#setDraft(patched(draft, step.forth, base))
  }

  takeBack(change: Change): void {
    this.edit(undoing(change, this.getSnapshot().base))
  }

  /** Makes the draft say all of `plan`: an earlier version, or the one in force again. */
  replace(plan: Fields): void {
    this.edit(patchBetween(this.getSnapshot().draft, plan))
  }

  /** Puts the draft in force; true when it is. A conflict is then in the state. */
  async save(comment: string): Promise<boolean> {
    const { view, plan } = this.getSnapshot()
    if (!view) return false
    this.#change({ isSaving: true, saveError: null })
    try {
      const saved = await http<PlanView>('/api/v1/routing/plan', {
        method: 'PUT',
        body: { version: view.version.version, plan, comment },
        signal: AbortSignal.timeout(SAVE_MS),
      })
      this.#begin(saved)
      this.#change({ saved: saved.version })
      if (this.#heard && this.#heard.version > saved.version.version) this.#hear(this.#heard)
      return true
    } catch (thrown) {
      const error = WeccError.from(thrown)
      if (error.code === 'plan.conflict') await this.compare()
      else if (error.code === 'plan.invalid') {
        this.#checker.give(this.getSnapshot().draft)
        this.#change({ saveError: error })
      } else this.#change({ saveError: error })
      return false
    } finally {
      this.#change({ isSaving: false })
    }
  }

  /** Reads what others saved and puts both sides' changes together, to be settled. */
  async compare(): Promise<void> {
    try {
      const theirs = await this.#line.request('plan:read', {})
      const { base, draft } = this.getSnapshot()
      const theirFields = fieldsIn(theirs)
      this.#change({
        conflict: { theirs, theirFields, merged: merge(base, draft, theirFields) },
        newer: theirs.version,
      })
    } catch (saveError) {
      this.#change({ saveError })
    }
  }

  leaveConflict(): void {
    this.#change({ conflict: null })
  }

  takeTheirs(): void {
    const { conflict } = this.getSnapshot()
    if (conflict) this.#begin(conflict.theirs)
  }

  /** One's own changes once more, on what the others saved; `minePaths`: conflicts in which one insists. */
  reapply(minePaths: ReadonlySet<string>): void {
    const { conflict } = this.getSnapshot()
    if (conflict) this.#begin(conflict.theirs, settled(conflict.merged, minePaths))
  }

  /** What happened was read. */
  dismiss(): void {
    this.#change({ saved: null, isRestored: false })
  }

  /** Asks the server once more, after it did not answer. */
  recheck(): void {
    this.#setDraft(this.getSnapshot().draft)
  }

  async readVersion(version: number): Promise<Fields> {
    return fieldsIn(await this.#line.request('plan:read_version', { version }))
  }

  #begin(view: PlanView, draft?: Fields): void {
    const base = fieldsIn(view)
    this.#strokes = null
    this.#checker.drop()
    this.#change({
      view,
      base,
      done: [],
      undone: [],
      newer: null,
      conflict: null,
      saveError: null,
      saved: null,
      isRestored: false,
    })
    this.#setDraft(draft ?? base)
    this.#keep()
  }

  #setDraft(draft: Fields): void {
    const { base, check } = this.getSnapshot()
    const plan = planOf(draft)
    this.#change({
      draft,
      plan,
      changes: changesBetween(base, draft),
      problems: allProblems(localProblems(draft), check?.problems ?? [], plan),
      checking: 'yes',
    })
    this.#checker.give(draft)
  }

  async #askCheck(): Promise<PlanCheck | null> {
    this.#keep()
    const { draft, plan } = this.getSnapshot()
    return isSendable(localProblems(draft))
      ? http<PlanCheck>('/api/v1/routing/plan/check', { method: 'POST', body: { plan } })
      : null
  }

  #checked(of: Fields, answer: PromiseSettledResult<PlanCheck | null>): void {
    const { check, plan } = this.getSnapshot()
    if (answer.status === 'rejected') return this.#change({ checking: 'failed' })
    this.#change({
      check: answer.value ?? check,
      problems: allProblems(localProblems(of), answer.value?.problems ?? [], plan),
      checking: 'no',
    })
  }

  #hear(version: PlanVersion): void {
    this.#heard = version
    const { view, changes, isSaving } = this.getSnapshot()
    if (!view || isSaving || version.version <= view.version.version) return
    this.#keep()
    if (changes.length) this.#change({ newer: version })
    else void this.read()
  }

  async #catchUp(): Promise<void> {
    try {
      const { version } = await this.#line.request('plan:read', {})
      this.#hear(version)
      if (this.getSnapshot().checking === 'failed') this.recheck()
    } catch {
      // the line is gone again and will come back
    }
  }

  #keep(): void {
    const { view, draft, changes } = this.getSnapshot()
    if (view && changes.length) this.#kept.write({ view, draft })
    else this.#kept.write(null)
  }

  #change(change: Partial<Editing>): void {
    this.set({ ...this.getSnapshot(), ...change })
  }
}
