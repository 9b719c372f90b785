import { type KeyboardEvent, memo, useCallback, useMemo, useRef, useState } from 'react'

import { Button } from '../controls/button'
import { fieldId, usePlan } from './context'
import { NumberField, PartProblems } from './controls'
import type { Editor } from './editor'
import { useGroupSizes } from './groups'
import { numberOf, numbers } from './rules'

const PAGE = 100
const byLogin = new Intl.Collator('en', { numeric: true })
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const

interface Row {
  readonly id: string
  readonly name: string
  readonly login: string
  readonly isGone: boolean
}

/** Who is in which group at which level, and how much each takes at once. Source: 2.4.1-04. */
export function AgentsSection({ item }: { readonly item: string | null }) {
  const { editing, texts, names } = usePlan()
  const words = texts.agents
  const [query, setQuery] = useState('')
  const [group, setGroup] = useState('')
  const [limit, setLimit] = useState(PAGE)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const rows = useRows()
  const { draft } = editing
  const { groups } = editing.plan
  const shown = useMemo(() => {
    const wanted = query.trim().toLowerCase()
    const inNone = new Set(
      [...draft.keys()].flatMap((path) => /^members\.([^.]+)\.groups\./.exec(path)?.[1] ?? []),
    )
    return rows.filter(
      ({ id, name, login }) =>
        id === item ||
        (`${name} ${login}`.toLowerCase().includes(wanted) &&
          (group === '' || (group === '-' ? !inNone.has(id) : draft.has(`members.${id}.groups.${group}`)))),
    )
  }, [rows, query, group, item, draft])
  const listed = shown.filter(({ id }, at) => at < limit || id === item)
  const chosen = shown.filter(({ id }) => selected.has(id)).map(({ id }) => id)
  const select = (ids: readonly string[], isOn: boolean) =>
    setSelected((was) => {
      const next = new Set(was)
      for (const id of ids) isOn ? next.add(id) : next.delete(id)
      return next
    })
  if (rows.length === 0)
    return (
      <>
        <h2>{words.title}</h2>
        <p className="plan-hint">{words.nobody}</p>
      </>
    )
  return (
    <>
      <h2>{words.title}</h2>
      <p className="plan-intro">{words.intro}</p>
      <div className="plan-filter">
        <input
          className="input"
          type="search"
          data-own-undo
          aria-label={words.filter}
          placeholder={words.filter}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <select
          className="input"
          aria-label={words.inGroup}
          value={group}
          onChange={(event) => setGroup(event.target.value)}
        >
          <option value="">{words.anyGroup}</option>
          {groups.map(({ code }) => (
            <option key={code} value={code}>
              {names.group(code)}
            </option>
          ))}
          <option value="-">{words.inNone}</option>
        </select>
      </div>
      {chosen.length > 0 && <Bulk ids={chosen} onClear={() => setSelected(new Set())} />}
      {shown.length === 0 ? (
        <p className="plan-hint">{words.nothing}</p>
      ) : (
        <Matrix rows={listed} all={shown} selected={selected} onSelect={select} />
      )}
      {shown.length > listed.length && (
        <Button look="quiet" onPress={() => setLimit(limit + PAGE)}>
          {words.more(Math.min(PAGE, shown.length - listed.length))}
        </Button>
      )}
    </>
  )
}

/** The center's agents, then those the plan still names although their account is gone. */
function useRows(): readonly Row[] {
  const { editing } = usePlan()
  const { view, plan } = editing
  return useMemo(() => {
    const known = (view?.agents ?? []).map(({ agent, login }) => ({
      id: agent.id,
      name: agent.name,
      login,
      isGone: false,
    }))
    const ids = new Set(known.map(({ id }) => id))
    const gone = plan.members
      .filter(({ agent_id }) => !ids.has(agent_id))
      .map(({ agent_id }) => ({ id: agent_id, name: agent_id, login: '', isGone: true }))
    return [...known.sort((a, b) => byLogin.compare(a.login, b.login)), ...gone]
  }, [view, plan])
}

interface MatrixProps {
  readonly rows: readonly Row[]
  /** Also those not drawn: what “all” selects. */
  readonly all: readonly Row[]
  readonly selected: ReadonlySet<string>
  readonly onSelect: (ids: readonly string[], isOn: boolean) => void
}

/** A grid of levels: one stop for Tab, arrows within, digits and Delete set what is under the focus. */
function Matrix({ rows, all, selected, onSelect }: MatrixProps) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.agents
  const { draft, base, plan } = editing
  const sizes = useGroupSizes()
  const table = useRef<HTMLTableElement>(null)
  const [stop, setStop] = useState<readonly [row: number, column: number]>([0, 0])
  const isAll = all.every(({ id }) => selected.has(id))

  const move = useCallback((row: number, column: number) => {
    table.current?.querySelector<HTMLElement>(`[data-cell="${row}:${column}"]`)?.focus()
  }, [])
  const onStop = useCallback((row: number, column: number) => setStop([row, column]), [])
  return (
    <div className="plan-table-scroll plan-matrix-scroll">
      <table className="plan-table plan-matrix" ref={table} aria-label={words.matrix}>
        <thead>
          <tr>
            <td>
              <input
                type="checkbox"
                className="plan-check"
                aria-label={words.selectAll}
                checked={isAll}
                ref={(box) => {
                  if (box) box.indeterminate = !isAll && all.some(({ id }) => selected.has(id))
                }}
                onChange={(event) =>
                  onSelect(
                    all.map(({ id }) => id),
                    event.target.checked,
                  )
                }
              />
            </td>
            <th scope="col">{words.name}</th>
            <th scope="col" title={words.capacityHint}>
              {words.capacity}
            </th>
            {plan.groups.map(({ code }) => (
              <th key={code} scope="col" title={words.groupSize(names.group(code), sizes.get(code) ?? 0)}>
                <span className="plan-matrix-head">
                  <span className="clip">{names.group(code)}</span>
                  <small className="figures">{sizes.get(code) ?? 0}</small>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, login, isGone }, row) => (
            <tr key={id} data-chosen={selected.has(id) || undefined}>
              <td>
                <input
                  type="checkbox"
                  className="plan-check"
                  aria-label={words.select(name)}
                  checked={selected.has(id)}
                  onChange={(event) => onSelect([id], event.target.checked)}
                />
              </td>
              <th scope="row">
                {name} <small>{isGone ? words.gone : login}</small>
                <PartProblems path={`members.${id}`} />
                <PartProblems path={`members.${id}.groups`} />
              </th>
              <td>
                <NumberField isCell path={`members.${id}.capacity`} label={`${name} · ${words.capacity}`} />
              </td>
              {plan.groups.map(({ code }, column) => {
                const path = `members.${id}.groups.${code}`
                const level = draft.get(path)
                return (
                  <td key={code} data-changed={level !== base.get(path) || undefined}>
                    <Level
                      path={path}
                      row={row}
                      column={column}
                      level={level as number | undefined}
                      label={words.level(name, names.group(code))}
                      isStop={stop[0] === row && stop[1] === column}
                      onMove={move}
                      onStop={onStop}
                      editor={editor}
                    />
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const moves: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

interface LevelProps {
  readonly path: string
  readonly row: number
  readonly column: number
  readonly level: number | undefined
  readonly label: string
  readonly isStop: boolean
  readonly onMove: (row: number, column: number) => void
  readonly onStop: (row: number, column: number) => void
  readonly editor: Editor
}

/** There are hundreds of them: only the one that changed is drawn again. */
const Level = memo(({ path, row, column, level, label, isStop, onMove, onStop, editor }: LevelProps) => {
  const set = (next: number | undefined) => editor.edit({ [path]: next })
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const to = moves[event.key]
    if (to) onMove(row + to[0], column + to[1])
    else if (/^[1-9]$/.test(event.key)) set(Number(event.key))
    else if (/^(0|-|Delete|Backspace)$/.test(event.key)) set(undefined)
    else return
    event.preventDefault()
  }
  return (
    <select
      id={fieldId(path)}
      className="plan-level"
      data-cell={`${row}:${column}`}
      data-in={level !== undefined || undefined}
      aria-label={label}
      tabIndex={isStop ? 0 : -1}
      value={level === undefined ? '' : String(level)}
      onFocus={() => onStop(row, column)}
      onKeyDown={onKey}
      onChange={(event) => set(Number(event.target.value) || undefined)}
    >
      <option value="">–</option>
      {LEVELS.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  )
})

interface BulkProps {
  readonly ids: readonly string[]
  readonly onClear: () => void
}

/** The same for all selected, as one step. */
function Bulk({ ids, onClear }: BulkProps) {
  const { editor, editing, texts, names } = usePlan()
  const words = texts.agents
  const { groups } = editing.plan
  const [group, setGroup] = useState(groups[0]?.code ?? '')
  const [level, setLevel] = useState(1)
  const [capacity, setCapacity] = useState('5')
  const rule = numbers['members.*.capacity']!
  const number = numberOf(capacity, rule)
  const isCapacity = typeof number === 'number' && number >= rule.low && number <= rule.high
  const put = (to: number | undefined) =>
    editor.edit(new Map(ids.map((id) => [`members.${id}.groups.${group}`, to])))
  return (
    <div className="plan-bulk" role="group" aria-label={words.bulk}>
      <b>{words.selected(ids.length)}</b>
      {groups.length > 0 && (
        <span>
          <select
            className="input"
            aria-label={words.inGroup}
            value={group}
            onChange={(event) => setGroup(event.target.value)}
          >
            {groups.map(({ code }) => (
              <option key={code} value={code}>
                {names.group(code)}
              </option>
            ))}
          </select>
          <select
            className="input"
            aria-label={words.atLevel}
            value={level}
            onChange={(event) => setLevel(Number(event.target.value))}
          >
            {LEVELS.map((one) => (
              <option key={one} value={one}>
                {texts.level(String(one))}
              </option>
            ))}
          </select>
          <Button onPress={() => put(level)}>{words.addTo}</Button>
          <Button onPress={() => put(undefined)}>{words.removeFrom}</Button>
        </span>
      )}
      <span>
        <input
          className="input figures"
          inputMode="numeric"
          data-own-undo
          aria-label={words.capacity}
          value={capacity}
          onChange={(event) => setCapacity(event.target.value)}
        />
        <Button
          isDisabled={!isCapacity}
          onPress={() => editor.edit(new Map(ids.map((id) => [`members.${id}.capacity`, number!])))}
        >
          {words.setCapacity}
        </Button>
      </span>
      <Button look="quiet" onPress={onClear}>
        {words.clear}
      </Button>
    </div>
  )
}
