import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  type CompletionContext,
  completionKeymap,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language'
import { lintGutter, lintKeymap } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension, RangeSetBuilder } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'

import { proposals, type Vocabulary } from './completion'

/** The editor's behaviour for a flow's YAML. `vocabulary` is asked whenever something is to be completed. */
export const flowEditing = (
  label: string,
  phrases: Readonly<Record<string, string>>,
  vocabulary: () => Vocabulary,
): Extension => [
  EditorState.phrases.of(phrases),
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
  lineNumbers(),
  foldGutter(),
  lintGutter(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  drawSelection(),
  history(),
  yaml(),
  indentUnit.of('  '),
  EditorState.tabSize.of(2),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  highlightSelectionMatches(),
  search({ top: true }),
  autocompletion({ override: [completion(vocabulary)], icons: false }),
  EditorView.lineWrapping,
  hangingIndent,
  typedOver,
  syntaxHighlighting(colours),
  theme,
  keymap.of([
    { key: 'Tab', run: acceptCompletion },
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...lintKeymap,
    ...defaultKeymap,
    indentWithTab,
  ]),
]

/**
 * What is typed over a selection is put in by the editor: the browser would keep the colours of what it replaces in
 * style attributes, which the content policy refuses.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput({ inputType, data, isComposing }, view) {
    const { from, to, empty } = view.state.selection.main
    if (inputType !== 'insertText' || !data || isComposing || empty || view.state.readOnly) return false
    const insert = () =>
      view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true })
    const isTaken = view.state
      .facet(EditorView.inputHandler)
      .some((take) => take(view, from, to, data, insert))
    if (!isTaken) view.dispatch(insert())
    return true
  },
})

/** Where a long line goes on, it stands below its own beginning. */
const hangingIndent = ViewPlugin.define<{ shown: DecorationSet; update: (update: ViewUpdate) => void }>(
  (view) => ({
    shown: indents(view),
    update({ docChanged, viewportChanged, view: now }) {
      if (docChanged || viewportChanged) this.shown = indents(now)
    },
  }),
  { decorations: ({ shown }) => shown },
)

function indents({ state, visibleRanges }: EditorView): DecorationSet {
  const found = new RangeSetBuilder<Decoration>()
  for (const { from, to } of visibleRanges)
    for (let at = from; at <= to;) {
      const line = state.doc.lineAt(at)
      const indent = /^ *(?:- )?/.exec(line.text)![0].length
      if (indent) found.add(line.from, line.from, hanging(indent))
      at = line.to + 1
    }
  return found.finish()
}

const hanging = (indent_ch: number): Decoration =>
  Decoration.line({
    attributes: { style: `padding-left: calc(4px + ${indent_ch}ch); text-indent: -${indent_ch}ch` },
  })

const completion =
  (vocabulary: () => Vocabulary) =>
  ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    const found = proposals(state.sliceDoc(0, pos).split('\n'), vocabulary(), explicit)
    if (!found?.options.length) return null
    return { from: pos - found.typed, options: [...found.options], validFor: /^\w*$/ }
  }

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent-text)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.bool, tags.number, tags.null], color: 'var(--warn)' },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: 'var(--text-3)' },
])

const button = {
  margin: '2px',
  padding: '2px 8px',
  border: '1px solid var(--line-strong)',
  borderRadius: '5px',
  background: 'var(--surface)',
  color: 'var(--text)',
  font: 'inherit',
}

const theme = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6' },
  '.cm-content': { padding: '8px 0 40vh', caretColor: 'var(--text)' },
  '.cm-line': { paddingLeft: '4px', paddingRight: '12px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection':
    {
      backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)',
    },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 6%, transparent)' },
  '.cm-gutters': {
    border: '0',
    borderRight: '1px solid var(--line)',
    backgroundColor: 'var(--surface-2)',
    color: 'var(--text-3)',
  },
  '.cm-activeLineGutter': { backgroundColor: 'var(--accent-soft)', color: 'var(--accent-text)' },
  '.cm-foldGutter span': { color: 'var(--text-3)' },
  '.cm-foldPlaceholder': {
    border: '1px solid var(--line-strong)',
    backgroundColor: 'var(--surface-3)',
    color: 'var(--text-2)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)' },
  '.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--danger-soft)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-soft)', outline: '1px solid var(--warn)' },
  '.cm-searchMatch-selected': { backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
  '.cm-tooltip': {
    overflow: 'hidden',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow-2)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--font)',
    fontSize: '13px',
    maxHeight: '16em',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--accent-text)',
  },
  '.cm-completionLabel': { fontFamily: 'var(--font-mono)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-completionDetail': { marginLeft: '10px', color: 'var(--text-3)', fontStyle: 'normal' },
  '.cm-diagnostic': { padding: '4px 10px', fontFamily: 'var(--font)' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--danger)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
  '.cm-lintRange': { backgroundImage: 'none', textDecorationStyle: 'wavy', textDecorationSkipInk: 'none' },
  '.cm-lintRange-error': { textDecorationLine: 'underline', textDecorationColor: 'var(--danger)' },
  '.cm-lintRange-warning': { textDecorationLine: 'underline', textDecorationColor: 'var(--warn)' },
  '.cm-lintPoint': { display: 'none' },
  '.cm-lint-marker': {
    width: '0.8em',
    height: '0.8em',
    margin: '0.4em 0',
    content: 'none',
    borderRadius: '50%',
  },
  '.cm-lint-marker-error': { content: 'none', backgroundColor: 'var(--danger)' },
  '.cm-lint-marker-warning': { content: 'none', backgroundColor: 'var(--warn)', borderRadius: '2px' },
  '.cm-panels': { backgroundColor: 'var(--surface-2)', color: 'var(--text)', zIndex: '3' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 28px 6px 8px', fontFamily: 'var(--font)' },
  '.cm-panel.cm-search label': { fontSize: '12px' },
  '.cm-textfield': {
    margin: '2px',
    padding: '2px 8px',
    border: '1px solid var(--line-strong)',
    borderRadius: '5px',
    background: 'var(--surface)',
    color: 'var(--text)',
    font: 'inherit',
  },
  '.cm-button': { ...button, backgroundImage: 'none' },
  '.cm-button:active': { backgroundColor: 'var(--surface-3)', backgroundImage: 'none' },
  '.cm-panel button[name=close]': { ...button, border: '0', background: 'none' },
})
