import type { FlowSummary, FlowView } from '@wecc/protocol'
import { plainText } from '@wecc/ui'
import { ChevronLeft, PanelRight } from 'lucide-react'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'

import { Button, IconButton } from '../controls/button'
import { LeaveGuard } from '../controls/leave-guard'
import { useReading } from '../reading'
import { useStore } from '../use-store'
import { addressOf, showFlow, type View, views } from './address'
import { ChangesView } from './changes-view'
import type { Vocabulary } from './completion'
import { useFlows } from './context'
import { DeleteFlow } from './deleted'
import { at, errorsOf, FlowEditor, hasChanges } from './editor'
import { isShared, lineOfTiers, usedBy } from './head'
import { ProblemList } from './problem-list'
import { SaveBar } from './save-bar'
import { SidePane } from './side-pane'
import type { SourceHandle } from './source-editor'
import { VersionsView } from './versions-view'
import { Waiting } from './waiting'
import { flowName, wordsOf } from './words'

const SourceEditor = lazy(() => import('./source-editor'))

export interface FlowProps {
  readonly code: string
  /** Nothing of this code is in force. */
  readonly isNew: boolean
  readonly view: View
  readonly onSide: () => void
  readonly isSideInFront: boolean
}

/** One flow: its text in the middle, what it means beside it. */
export function Flow({ code, isNew, view, onSide, isSideInFront }: FlowProps) {
  const { flows, deleted, tiers, drafts, texts, locale, tierName, again, say } = useFlows()
  const [editor] = useState(() => new FlowEditor(code, drafts))
  const [wasNew] = useState(isNew)
  const editing = useStore(editor)
  const source = useRef<SourceHandle | null>(null)
  const shared = useReading<FlowView>(useShared(editing.source), { isQuiet: true })
  const newest = flows.find((one) => one.code === code)
  const gone = deleted.find((one) => one.code === code)
  const named = newest ?? gone
  const name = named ? flowName(named, locale) : code

  useEffect(() => {
    if (wasNew) editor.begin()
    else void editor.read()
    return () => editor.close()
  }, [editor, wasNew])
  useEffect(() => {
    if (newest) editor.hear(newest.version)
    editor.recheck()
  }, [editor, newest])

  const goTo = useCallback(
    (line: number, column?: number) => {
      showFlow(code)
      // The editor has to be seen before it can scroll.
      requestAnimationFrame(() => source.current?.goTo(line, column))
    },
    [code],
  )
  const save = useCallback(async () => {
    const { check, checked, isSaving, source: text } = editor.getSnapshot()
    if (isSaving || !hasChanges(editor.getSnapshot())) return
    const errors = checked === text ? errorsOf(check.problems) : []
    if (errors.length) {
      say(texts.save.refused(errors.length))
      return goTo(errors[0]!.line, errors[0]!.column)
    }
    const saved = await editor.save(gone?.version)
    if (saved === 'conflict') {
      again()
      return showFlow(code, 'changes')
    }
    if (saved === 'invalid')
      return say(texts.save.refused(errorsOf(editor.getSnapshot().check.problems).length))
    if (saved === 'failed') return
    again()
    say(isIdle(saved) ? texts.save.kept(saved.version) : texts.save.saved(saved.version))
    if (viewIs.current === 'changes') showFlow(code)
  }, [editor, code, gone, say, texts, goTo, again])
  const viewIs = useRef(view)
  useEffect(() => {
    viewIs.current = view
  })
  useSaveKey(save)

  const vocabulary = useMemo((): Vocabulary => {
    const nodes = [...editing.check.outline, ...(shared.value?.outline ?? [])]
    return {
      nodes: nodes.map((node) => ({ id: node.id, text: plainText(wordsOf(node, locale)).slice(0, 24) })),
      tiers: tiers.map((tier) => ({ code: tier.code, name: tierName(tier.code) })),
      shared: flows.filter((one) => !one.tiers.length && one.code !== code).map((one) => one.code),
    }
  }, [editing.check.outline, shared.value, tiers, tierName, flows, code, locale])

  const onReady = useCallback((handle: SourceHandle | null) => void (source.current = handle), [])
  if (!editing.isRead)
    return (
      <section className="flows-main">
        <Waiting reading={{ error: editing.readError, again: () => void editor.read() }} />
      </section>
    )
  const isChanged = hasChanges(editing)
  return (
    <>
      {isChanged && (
        <LeaveGuard
          isWithin={(there) => there.name === 'flows' && there.code === code}
          onDiscard={() => editor.discard()}
        />
      )}
      <section className="flows-main" aria-label={name}>
        <header className="flows-head">
          <Button look="quiet" className="only-narrow flows-back" onPress={() => showFlow(null)}>
            <ChevronLeft size={16} aria-hidden />
            {texts.back}
          </Button>
          <h2 className="clip">{name}</h2>
          <nav className="flows-views" aria-label={texts.viewList}>
            {views
              .filter((one) => one !== 'versions' || editing.view)
              .map((one) => (
                <a key={one} href={addressOf(code, one)} aria-current={one === view ? 'page' : undefined}>
                  {texts.views[one]}
                </a>
              ))}
          </nav>
          {newest && (
            <DeleteFlow
              flow={newest}
              editor={editor}
              onTiers={() => goTo(lineOfTiers(editing.source))}
            />
          )}
          <IconButton
            icon={PanelRight}
            label={isSideInFront ? texts.toMain : texts.toSide}
            className="only-narrow"
            aria-pressed={isSideInFront}
            onPress={onSide}
          />
        </header>
        <div className="flows-edit" hidden={view !== 'edit'}>
          <Suspense fallback={<p className="flows-hint flows-late">{texts.editor.loading}</p>}>
            <SourceEditor
              code={code}
              source={editing.source}
              problems={editing.check.problems}
              vocabulary={vocabulary}
              onChange={(text) => editor.edit(text)}
              onReady={onReady}
            />
          </Suspense>
          <ProblemList editing={editing} onGo={goTo} onRecheck={() => editor.recheck()} />
        </div>
        {view === 'changes' && <ChangesView editor={editor} />}
        {view === 'versions' && <VersionsView editor={editor} />}
        <SaveBar editor={editor} gone={gone} isComparing={view === 'changes'} onSave={() => void save()} />
      </section>
      <SidePane
        code={code}
        editing={editing}
        shared={shared.value}
        isShared={isShared(editing.source)}
        onGo={goTo}
      />
    </>
  )
}

/** Nobody is greeted by it, directly or through another. */
const isIdle = ({ tiers, is_shared }: FlowSummary): boolean => !tiers.length && !is_shared

/** The address of the shared flow a text uses, while it names one. */
function useShared(source: string): string | null {
  const { flows } = useFlows()
  const used = useMemo(() => usedBy(source), [source])
  return used && flows.some((one) => one.code === used) ? at(used) : null
}

/** Ctrl+S, wherever the focus is. */
function useSaveKey(save: () => Promise<void>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isSave =
        event.code === 'KeyS' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
      if (!isSave) return
      event.preventDefault()
      void save()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [save])
}
