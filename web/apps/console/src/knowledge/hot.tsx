import type { ArticleList, HotList, PinView, SetPins } from '@wecc/protocol'
import { ArrowDown, ArrowUp, GripVertical, Pin, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button as AriaButton, GridList, GridListItem, useDragAndDrop } from 'react-aria-components'

import { Button, IconButton } from '../controls/button'
import { useReading } from '../reading'
import { showArticle, showPart } from './address'
import { pathOf } from './categories'
import { nameIn, useKnowledge } from './context'
import { Field, Problem, Waiting } from './controls'
import { atOf, localInput } from './moment'
import { moved } from './order'
import { at, send, useAct } from './use-act'

const MAX_PINS = 20
const PAUSE_MS = 250

/** Hot topics of the whole and of each category: pinned ones first, then by clicks. Source: 3.2.2-15 … 17. */
export function HotSection({ item }: { readonly item: string | null }) {
  const { texts, categories, locale } = useKnowledge()
  const words = texts.hot
  const all = categories ?? []
  const category = all.some((one) => one.id === item) ? item! : ''
  return (
    <>
      <h2>{words.title}</h2>
      <p className="kb-intro">{words.intro}</p>
      <Field label={words.of}>
        {(attributes) => (
          <select
            {...attributes}
            className="input kb-narrow"
            value={category}
            onChange={(event) => showPart('hot', event.target.value || null)}
          >
            <option value="">{words.whole}</option>
            {all.map(({ id }) => (
              <option key={id} value={id}>
                {pathOf(all, id)
                  .map((one) => nameIn(locale, one))
                  .join(' / ')}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Topics key={category} category={category} />
    </>
  )
}

function Topics({ category }: { readonly category: string }) {
  const { texts, rights, say } = useKnowledge()
  const words = texts.hot
  const pinned = useReading<SetPins>(at('pins', { category }))
  const hot = useReading<HotList>(`/api/v1/kb/hot${category && `?category=${category}`}`)
  const { isBusy, error, act } = useAct()
  if (!pinned.value) return <Waiting reading={pinned} />
  const pins = pinned.value.pins
  const mayPin = rights.is_editor || rights.is_reviewer

  const save = (next: readonly PinView[], told = words.saved) =>
    act(async () => {
      // what is shown follows at once; a refusal is followed by what holds
      pinned.put({ category_id: category, pins: next })
      pinned.put(await send<SetPins>('PUT', 'pins', { category_id: category, pins: next }))
      say(told)
    })
  const pin = (article_id: string, title: string) => {
    if (pins.some((one) => one.article_id === article_id)) return
    if (pins.length >= MAX_PINS) return say(words.full)
    void save([...pins, { article_id, title, ends_ms: null }])
  }
  const automatic = hot.value?.topics.filter((one) => !one.is_pinned) ?? []
  return (
    <div className="kb-hot">
      <section aria-labelledby="kb-pinned">
        <h3 id="kb-pinned">{words.pinned}</h3>
        <Pins pins={pins} isFixed={!mayPin || isBusy} onSave={(next, told) => void save(next, told)} />
        <Problem error={error} />
        {mayPin && <PinSearch pins={pins} onPin={pin} />}
      </section>
      <section aria-labelledby="kb-automatic">
        <h3 id="kb-automatic">{words.automatic}</h3>
        {hot.value ? (
          <ol className="kb-topics">
            {automatic.map((one) => (
              <li key={one.article_id}>
                <a className="clip" href={`#/knowledge/articles/${one.article_id}`}>
                  {one.title}
                </a>
                {mayPin && (
                  <IconButton
                    icon={Pin}
                    label={words.pinOf(one.title)}
                    onPress={() => pin(one.article_id, one.title)}
                  />
                )}
              </li>
            ))}
          </ol>
        ) : (
          <Waiting reading={hot} />
        )}
        {hot.value && automatic.length === 0 && <p className="kb-hint">{words.noAutomatic}</p>}
      </section>
    </div>
  )
}

interface PinsProps {
  readonly pins: readonly PinView[]
  readonly isFixed: boolean
  readonly onSave: (pins: readonly PinView[], told?: string) => void
}

function Pins({ pins, isFixed, onSave }: PinsProps) {
  const { hot: words } = useKnowledge().texts
  const move = (from: number, to: number) => {
    const pin = pins[from]!
    onSave(moved(pins, from, to), words.moved(pin.title, to + 1))
  }
  const index = (key: unknown) => pins.findIndex((one) => one.article_id === key)
  const { dragAndDropHooks } = useDragAndDrop({
    isDisabled: isFixed,
    getItems: (keys) => [...keys].map((key) => ({ 'text/plain': pins[index(key)]?.title ?? '' })),
    onReorder: ({ keys, target }) => {
      const from = index([...keys][0])
      const over = index(target.key)
      if (from === -1 || over === -1 || from === over) return
      const to = target.dropPosition === 'before' ? over : over + 1
      move(from, to > from ? to - 1 : to)
    },
  })
  return (
    <GridList
      className="kb-pins"
      aria-label={words.pinned}
      items={pins.map((pin, position) => ({ ...pin, id: pin.article_id, position }))}
      dependencies={[pins, isFixed]}
      dragAndDropHooks={dragAndDropHooks}
      renderEmptyState={() => <p className="kb-hint">{words.noPins}</p>}
      onAction={(key) => showArticle(String(key))}
    >
      {({ position, ...pin }) => (
        <GridListItem textValue={pin.title} className="kb-pin">
          <AriaButton slot="drag" className="kb-grip" aria-label={words.drag(pin.title)}>
            <GripVertical size={14} aria-hidden />
          </AriaButton>
          <span className="figures">{position + 1}</span>
          <span className="clip">{pin.title}</span>
          <PinEnd
            key={pin.ends_ms}
            pin={pin}
            isFixed={isFixed}
            onEnd={(ends_ms) =>
              onSave(pins.map((one) => (one.article_id === pin.article_id ? { ...one, ends_ms } : one)))
            }
          />
          <IconButton
            icon={ArrowUp}
            label={words.up(pin.title)}
            isDisabled={isFixed || position === 0}
            onPress={() => move(position, position - 1)}
          />
          <IconButton
            icon={ArrowDown}
            label={words.down(pin.title)}
            isDisabled={isFixed || position === pins.length - 1}
            onPress={() => move(position, position + 1)}
          />
          <IconButton
            icon={X}
            label={words.unpin(pin.title)}
            isDisabled={isFixed}
            onPress={() => onSave(pins.filter((one) => one.article_id !== pin.article_id))}
          />
        </GridListItem>
      )}
    </GridList>
  )
}

interface PinEndProps {
  readonly pin: PinView
  readonly isFixed: boolean
  readonly onEnd: (ends_ms: number | null) => void
}

/** Saved once the field is left: while one types a date, it is many others. */
function PinEnd({ pin, isFixed, onEnd }: PinEndProps) {
  const { hot: words } = useKnowledge().texts
  const [typed, setTyped] = useState(localInput(pin.ends_ms))
  const [isSetting, setIsSetting] = useState(false)
  const ends_ms = atOf(typed)
  if (pin.ends_ms === null && !isSetting)
    return (
      <Button
        look="quiet"
        className="kb-pin-forever"
        aria-label={words.endsOf(pin.title)}
        isDisabled={isFixed}
        onPress={() => setIsSetting(true)}
      >
        {words.forever}
      </Button>
    )
  return (
    <input
      className="input figures kb-pin-end"
      type="datetime-local"
      aria-label={words.endsOf(pin.title)}
      title={words.ends}
      autoFocus={isSetting}
      disabled={isFixed}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => event.stopPropagation()}
      onBlur={() => {
        setIsSetting(false)
        if (ends_ms !== pin.ends_ms) onEnd(ends_ms)
      }}
    />
  )
}

interface PinSearchProps {
  readonly pins: readonly PinView[]
  readonly onPin: (articleId: string, title: string) => void
}

function PinSearch({ pins, onPin }: PinSearchProps) {
  const { hot: words } = useKnowledge().texts
  const [typed, setTyped] = useState('')
  const [q, setQ] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed])
  const found = useReading<ArticleList>(q ? at('articles', { scope: 'published', q, limit: 8 }) : null, {
    isKept: true,
    isQuiet: true,
  })
  const rows = found.value?.articles.filter((one) => !pins.some((pin) => pin.article_id === one.id))
  return (
    <div className="kb-pin-search">
      <Field label={words.add}>
        {(attributes) => (
          <input
            {...attributes}
            className="input"
            type="search"
            placeholder={words.addPlaceholder}
            maxLength={300}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <ul className="kb-topics">
        {rows?.map((one) => (
          <li key={one.id}>
            <span className="clip">{one.title}</span>
            <Button onPress={() => onPin(one.id, one.title)} aria-label={words.pinOf(one.title)}>
              {words.pin}
            </Button>
          </li>
        ))}
      </ul>
      {q && rows?.length === 0 && <p className="kb-hint">{words.notFound}</p>}
    </div>
  )
}
