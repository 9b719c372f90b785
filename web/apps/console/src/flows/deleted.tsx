import type { FlowSummary, FlowView } from '@wecc/protocol'
import { http, WeccError } from '@wecc/realtime'
import { relativeTime } from '@wecc/ui'
import { ChevronLeft, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { useNow } from '../controls/age'
import { Ask } from '../controls/ask'
import { Button, IconButton } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useTexts } from '../texts'
import { useStore } from '../use-store'
import { addressOf, showFlow } from './address'
import { useFlows } from './context'
import { at, type FlowEditor } from './editor'
import { flowName, personName } from './words'

export interface DeleteFlowProps {
  readonly flow: FlowSummary
  readonly editor: FlowEditor
  /** Goes to where the text says whom it greets. */
  readonly onTiers: () => void
}

/** Deletes a flow after asking; while it greets customers, says what is to be done first. */
export function DeleteFlow({ flow, editor, onTiers }: DeleteFlowProps) {
  const { tierName, texts, locale, again, say } = useFlows()
  const words = texts.deleted
  const all = useTexts()
  const [isAsking, setIsAsking] = useState(false)
  const [error, setError] = useState<WeccError | null>(null)
  const close = () => {
    setIsAsking(false)
    setError(null)
  }
  const remove = async () => {
    try {
      await http(`${at(flow.code)}?base_version=${flow.version}`, { method: 'DELETE' })
      editor.discard()
      close()
      again()
      say(words.done(flowName(flow, locale)))
      showFlow(null)
    } catch (thrown) {
      setError(WeccError.from(thrown))
    }
  }
  const problem = () => {
    const { users = [] } = (error?.data ?? {}) as { users?: readonly string[] }
    if (error?.code === 'flow.conflict') return words.changed
    return users.length ? words.used(users) : `${words.failed} ${errorText(error, all)}`
  }
  return (
    <>
      <IconButton icon={Trash2} label={words.delete} onPress={() => setIsAsking(true)} />
      {isAsking && flow.tiers.length > 0 && (
        <Ask
          title={words.greetsTitle}
          text={words.greets(flow.tiers.map(tierName))}
          confirm={words.toTiers}
          onConfirm={() => {
            close()
            onTiers()
          }}
          onClose={close}
        />
      )}
      {isAsking && flow.tiers.length === 0 && (
        <Ask
          title={words.title(flowName(flow, locale))}
          text={words.ask}
          confirm={words.delete}
          look="danger"
          onConfirm={() => void remove()}
          onClose={close}
        >
          {error && (
            <p className="problem" role="alert">
              {problem()}
            </p>
          )}
        </Ask>
      )}
    </>
  )
}

/** The flows that were deleted, out of the way; each can be brought back. */
export function DeletedFlows({ shown }: { readonly shown: string | null }) {
  const { deleted, drafts, texts, locale } = useFlows()
  const kept = useStore(drafts)
  const words = texts.deleted
  const when = useNow()
  if (deleted.length === 0) return null
  return (
    <details className="flows-deleted" open={deleted.some((one) => one.code === shown) || undefined}>
      <summary>{words.list(deleted.length)}</summary>
      <ul aria-label={words.list(deleted.length)}>
        {deleted.map((flow) => (
          <li key={flow.code}>
            <a href={addressOf(flow.code)} aria-current={flow.code === shown ? 'page' : undefined}>
              <b className="clip">{flowName(flow, locale)}</b>
              {kept.has(flow.code) && <small className="flows-mark">{texts.unsaved}</small>}
              <small className="clip">
                {texts.deletedBy(
                  personName(flow.saved_by, texts),
                  relativeTime(flow.saved_ms, locale, when),
                )}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** A deleted flow, and the way back: its last version goes into the editor, and saving it brings it back. */
export function Gone({ flow }: { readonly flow: FlowSummary }) {
  const { drafts, texts, locale, say } = useFlows()
  const words = texts.deleted
  const all = useTexts()
  const when = relativeTime(flow.saved_ms, locale, useNow())
  const [error, setError] = useState<WeccError | null>(null)
  const { code, version } = flow
  const last = version - 1
  const restore = async () => {
    try {
      const { source } = await http<FlowView>(at(`${code}/versions/${last}`))
      drafts.put(code, { baseVersion: version, source, comment: texts.versions.comment(last) })
      say(texts.versions.restored(last))
    } catch (thrown) {
      setError(WeccError.from(thrown))
    }
  }
  return (
    <section className="flows-main" aria-label={flowName(flow, locale)}>
      <header className="flows-head">
        <Button look="quiet" className="only-narrow flows-back" onPress={() => showFlow(null)}>
          <ChevronLeft size={16} aria-hidden />
          {texts.back}
        </Button>
        <h2 className="clip">{flowName(flow, locale)}</h2>
      </header>
      <div className="flows-gone">
        <p>{words.gone(personName(flow.saved_by, texts), when)}</p>
        <p className="flows-hint">{words.kept}</p>
        <Button onPress={() => void restore()}>{words.restore(last)}</Button>
        {error && (
          <p className="problem" role="alert">
            {errorText(error, all)}
          </p>
        )}
      </div>
    </section>
  )
}
