import type { FieldValue, FlowPreview, Locale, PreviewTurn, Said } from '@wecc/protocol'
import { http, WeccError } from '@wecc/realtime'
import { RotateCcw, SendHorizontal, Undo2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'

import { Button, IconButton } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useTexts } from '../texts'
import { useFlows } from './context'
import { at, type FlowEditing } from './editor'
import { tiersIn } from './head'
import { LineView } from './preview-line'
import { conversation } from './turns'

type Flaws = Readonly<Record<string, string>>

interface Asked {
  readonly source: string
  readonly tier: string
  readonly locale: Locale
  readonly said: readonly Said[]
}

export interface PreviewState {
  readonly tier: string
  readonly locale: Locale
  readonly said: readonly Said[]
  /** What was played last; stays while something else is being played. */
  readonly played: { readonly said: readonly Said[]; readonly turns: readonly PreviewTurn[] } | null
  readonly isPlaying: boolean
  readonly error: WeccError | null
  /** Why the form was not taken, by the names of its fields. */
  readonly flaws: Flaws
  readonly choose: (change: { tier?: string; locale?: Locale }) => void
  readonly say: (said: Partial<Said>) => void
  readonly undo: () => void
  readonly restart: () => void
  readonly again: () => void
}

const none: Flaws = {}

/** Plays the edited text from the greeting on with all that was said, whenever one of them changes. */
export function usePreview(code: string, { playable, source }: FlowEditing, isShown: boolean): PreviewState {
  const { tiers, locale: own } = useFlows()
  const [chosen, setChosen] = useState<{ tier?: string; locale?: Locale }>({})
  const [said, setSaid] = useState<readonly Said[]>([])
  const [played, setPlayed] = useState<(Asked & { readonly turns: readonly PreviewTurn[] }) | null>(null)
  const [failed, setFailed] = useState<(Asked & { readonly error: WeccError }) | null>(null)
  const [flaws, setFlaws] = useState(none)
  const [asked, setAsked] = useState(0)
  const tier =
    chosen.tier ??
    tiersIn(source).find((one) => tiers.some(({ code: its }) => its === one)) ??
    tiers[0]?.code ??
    ''
  const locale = chosen.locale ?? own

  useEffect(() => {
    if (!isShown || playable === null || !tier) return
    const playing = new AbortController()
    const asks: Asked = { source: playable, tier, locale, said }
    const body = { code, ...asks }
    http<FlowPreview>(at('preview'), { method: 'POST', body, signal: playing.signal }).then(
      ({ turns }) => {
        setPlayed({ ...asks, turns })
        setFailed(null)
      },
      (thrown) => {
        if (playing.signal.aborted) return
        const error = WeccError.from(thrown)
        // A form that is refused was not sent: it stays open, with what is wrong.
        if (error.code === 'flow.form_invalid' && said.at(-1)?.fields.length) {
          setFlaws((error.data as { fields?: Flaws }).fields ?? none)
          setSaid(said.slice(0, -1))
        } else setFailed({ ...asks, error })
      },
    )
    return () => playing.abort()
  }, [code, playable, tier, locale, said, isShown, asked])

  const isOf = (one: Asked | null) =>
    one !== null && one.source === playable && one.tier === tier && one.locale === locale && one.said === said
  const turn = (next: readonly Said[]) => {
    setFlaws(none)
    setSaid(next)
  }
  return {
    tier,
    locale,
    said,
    played,
    isPlaying: playable !== null && !isOf(played) && !isOf(failed),
    error: isOf(failed) ? failed!.error : null,
    flaws,
    choose: (change) => setChosen({ ...chosen, ...change }),
    say: (one) => turn([...said, { text: '', option: '', fields: [], ...one }]),
    undo: () => turn(said.slice(0, -1)),
    restart: () => turn([]),
    again: () => setAsked(asked + 1),
  }
}

export interface PreviewProps {
  readonly preview: PreviewState
  readonly editing: FlowEditing
  readonly isShared: boolean
}

/** The edited flow as a customer of a tier sees it, played by the very engine. */
export function Preview({ preview, editing, isShared }: PreviewProps) {
  const { tiers, tierName, texts } = useFlows()
  const words = texts.preview
  const { played, said, choose } = preview
  if (isShared) return <p className="flows-hint flows-empty">{words.shared}</p>
  return (
    <div className="flows-preview">
      <div className="flows-preview-choice">
        <select
          className="input"
          aria-label={words.tier}
          value={preview.tier}
          onChange={(event) => choose({ tier: event.target.value })}
        >
          {tiers.map(({ code }) => (
            <option key={code} value={code}>
              {tierName(code)}
            </option>
          ))}
        </select>
        <select
          className="input"
          aria-label={words.language}
          value={preview.locale}
          onChange={(event) => choose({ locale: event.target.value as Locale })}
        >
          {Object.entries(words.languages).map(([locale, name]) => (
            <option key={locale} value={locale}>
              {name}
            </option>
          ))}
        </select>
        <IconButton icon={Undo2} label={words.undo} isDisabled={!said.length} onPress={preview.undo} />
        <IconButton
          icon={RotateCcw}
          label={words.restart}
          isDisabled={!said.length}
          onPress={preview.restart}
        />
      </div>
      {editing.source !== editing.playable && editing.checked === editing.source && (
        <p className="flows-stale">{editing.playable === null ? words.nothing : words.stale}</p>
      )}
      <Trouble preview={preview} />
      {played && <Talk preview={preview} played={played} />}
    </div>
  )
}

function Trouble({ preview: { error, undo, again } }: { readonly preview: PreviewState }) {
  const { preview: words } = useFlows().texts
  const all = useTexts()
  if (!error) return null
  const isForm = error.code === 'flow.form_invalid'
  const { fields = {} } = error.data as { fields?: Flaws }
  const why = Object.entries(fields).map(([name, flaw]) => `${name} ${words.flaws[flaw] ?? flaw}`)
  return (
    <div className="problem" role="alert">
      <span>
        {isForm ? `${words.refused} ${why.join(' · ')}` : `${words.failed} ${errorText(error, all)}`}
      </span>
      <Button onPress={isForm ? undo : again}>{isForm ? words.undo : all.retry}</Button>
    </div>
  )
}

interface TalkProps {
  readonly preview: PreviewState
  readonly played: NonNullable<PreviewState['played']>
}

function Talk({ preview, played }: TalkProps) {
  const { preview: words } = useFlows().texts
  const { isPlaying, flaws, say } = preview
  // While an edited text is played anew, one can go on; a turn is answered before the next.
  const isAnswered = played.said === preview.said
  const [text, setText] = useState('')
  const { lines, unheard, hasEnded } = conversation(played.said, played.turns)
  const log = useRef<HTMLDivElement>(null)
  const count = lines.length
  useEffect(() => {
    // What is new is seen from its beginning.
    const newest = log.current?.querySelector<HTMLElement>(':scope > :last-child')
    const before = newest?.previousElementSibling ?? newest
    before?.scrollIntoView({ block: count > 1 ? 'start' : 'nearest' })
  }, [count])
  const write = () => {
    if (!isAnswered || !text.trim()) return
    say({ text: text.trim() })
    setText('')
  }
  // With the keyboard one goes on from the conversation: what was pressed is not there any more.
  const answer = (said: { option: string } | { fields: readonly FieldValue[] }) => {
    say(said)
    log.current?.focus()
  }
  return (
    <>
      <div
        ref={log}
        role="log"
        className="flows-talk"
        aria-label={words.label}
        aria-busy={isPlaying}
        tabIndex={0}
      >
        {lines.map((line, at) => (
          <LineView key={at} line={line} flaws={flaws} isBusy={!isAnswered} onAnswer={answer} />
        ))}
        {unheard > 0 && <p className="flows-line">{words.unheard(unheard)}</p>}
      </div>
      <form
        className="flows-write"
        onSubmit={(event) => {
          event.preventDefault()
          write()
        }}
      >
        <input
          className="input"
          aria-label={words.write}
          placeholder={hasEnded ? words.ended : words.write}
          value={text}
          maxLength={2000}
          disabled={hasEnded}
          onChange={(event) => setText(event.target.value)}
        />
        <IconButton icon={SendHorizontal} label={words.send} type="submit" isDisabled={hasEnded} />
      </form>
    </>
  )
}
