import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { Annotation, EditorState, type Text } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { FlowProblem } from '@wecc/protocol'
import { useEffect, useRef } from 'react'

import { useLocale } from '../texts'
import { flowEditing } from './code-mirror'
import type { Vocabulary } from './completion'
import { editorPhrases, useFlowTexts } from './texts'
import { problemText } from './words'

/** What others do with the editor. */
export interface SourceHandle {
  /** Shows a line, with the cursor in it. Lines and columns count from 1. */
  goTo(line: number, column?: number): void
}

export interface SourceEditorProps {
  readonly code: string
  readonly source: string
  readonly problems: readonly FlowProblem[]
  readonly vocabulary: Vocabulary
  readonly onChange: (source: string) => void
  readonly onReady: (handle: SourceHandle | null) => void
}

/** Marks what was put in from outside: not an edit. */
const given = Annotation.define<boolean>()

/**
 * The text of a flow. It lives in a shadow root: there the editor's styles are constructed style sheets, while in the
 * page itself they would be a style element, which the content policy refuses.
 */
export default function SourceEditor(props: SourceEditorProps) {
  const { code, source, problems, onReady } = props
  const texts = useFlowTexts()
  const locale = useLocale()
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' })
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: latest.current.source,
        extensions: [
          flowEditing(texts.editor.label(code), editorPhrases[locale], () => latest.current.vocabulary),
          EditorView.updateListener.of(({ docChanged, transactions, state }) => {
            if (docChanged && !transactions.some((one) => one.annotation(given)))
              latest.current.onChange(state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    // When the list of problems grows, the cursor stays in sight.
    const watch = new ResizeObserver(() => {
      const { head } = made.state.selection.main
      if (made.hasFocus)
        made.dispatch({ effects: EditorView.scrollIntoView(head, { y: 'nearest', yMargin: 30 }) })
    })
    watch.observe(host.current!)
    onReady({
      goTo(line, column = 1) {
        const at = positionOf(made.state.doc, line, column)
        made.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
        made.focus()
      },
    })
    return () => {
      watch.disconnect()
      onReady(null)
      view.current = null
      made.destroy()
    }
  }, [code, texts, locale, onReady])

  useEffect(() => {
    const doc = view.current!.state.doc
    if (source === doc.toString()) return
    view.current!.dispatch({
      changes: { from: 0, to: doc.length, insert: source },
      annotations: given.of(true),
    })
  }, [source])

  useEffect(() => {
    const { state } = view.current!
    const diagnostics = problems.map((problem): Diagnostic => {
      const from = positionOf(state.doc, problem.line, problem.column)
      const line = state.doc.lineAt(from)
      const rest = /^[\w.-]+|^"[^"]*"|^\S+/.exec(state.sliceDoc(from, line.to))?.[0].length ?? 0
      return {
        from,
        to: from + rest,
        severity: problem.is_warning ? 'warning' : 'error',
        message: problemText(problem, texts),
      }
    })
    view.current!.dispatch(setDiagnostics(state, diagnostics))
  }, [problems, texts])

  return <div ref={host} className="flows-source" />
}

/** A line and column of the check as a place in the text, which may have become shorter. */
function positionOf(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
  return Math.min(from + Math.max(column - 1, 0), to)
}
