import './plan.css'
import './forms.css'

import { relativeTime } from '@wecc/ui'
import { ChevronLeft, PanelRight, Redo2, Undo2 } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

import { Button, IconButton } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useWorkplace } from '../desk/context'
import { useLocale, useTexts } from '../texts'
import { useStore } from '../use-store'
import { showPart } from './address'
import { AgentsSection } from './agents'
import { Consequences } from './consequences'
import { PlanContext, planDesk, usePlan } from './context'
import { GroupsSection } from './groups'
import { HoursSection } from './hours'
import { PolicySection } from './policy'
import { ReviewSection } from './review'
import { placeOf, type SectionName, sections } from './rules'
import { usePlanTexts } from './texts'
import { TiersSection } from './tiers'
import { VersionLine, VersionsSection } from './versions'
import { namesOf } from './words'

export interface RoutingPlaceProps {
  /** As the address has it; one that is none is the first. */
  readonly section: string | null
  readonly item: string | null
}

/** The routing desk: the plan is edited as a whole, tried, and put in force. */
export default function RoutingPlace({ section, item }: RoutingPlaceProps) {
  const desk = planDesk(useWorkplace())
  const editing = useStore(desk.editor)
  const tierMap = useDesk((state) => state.tiers)
  const texts = usePlanTexts()
  const locale = useLocale()
  const [said, setSaid] = useState('')
  // The same words twice are said twice.
  const say = useCallback((text: string) => setSaid((was) => (was === text ? `${text}\u200b` : text)), [])
  const { view, draft, base } = editing
  const names = useMemo(() => {
    const agents = new Map((view?.agents ?? []).map(({ agent }) => [agent.id, agent.name]))
    return namesOf(draft, base, agents, tierMap, locale)
  }, [draft, base, view, tierMap, locale])
  const tiers = useMemo(() => [...tierMap.values()], [tierMap])
  return (
    <PlanContext value={{ ...desk, editing, names, tiers, texts, locale, say }}>
      <main className="place plan">
        {view ? <Desk section={section} item={item} /> : <Reading />}
        <p role="status" className="visually-hidden">
          {said}
        </p>
      </main>
    </PlanContext>
  )
}

function Reading() {
  const { editor, editing, texts } = usePlan()
  const all = useTexts()
  if (editing.error === null)
    return (
      <div className="plan-reading" aria-label={texts.header.loading} aria-busy>
        {[40, 72, 56, 88, 64].map((percent) => (
          <i key={percent} className="skeleton" style={{ width: `${percent}%` }} />
        ))}
      </div>
    )
  return (
    <div className="plan-failed" role="alert">
      <p>
        {texts.header.failed} {errorText(editing.error, all)}
      </p>
      <Button look="primary" onPress={() => void editor.read()}>
        {all.retry}
      </Button>
    </div>
  )
}

function Desk({ section, item }: RoutingPlaceProps) {
  const { editing, texts, say } = usePlan()
  const [isSideInFront, setIsSideInFront] = useState(false)
  const shown = section === 'review' ? 'review' : (sections.find((one) => one === section) ?? 'policy')
  // After the review one is back where one came from.
  const lastSection = useRef<SectionName>('policy')
  if (shown !== 'review') lastSection.current = shown
  const front = isSideInFront ? 'side' : section === null ? 'list' : 'form'
  const form = useRef<HTMLElement>(null)
  useUndoKeys()
  const problems = editing.problems.length
  useEffect(() => {
    if (problems > 0) say(texts.problemsIn(problems))
  }, [problems, say, texts])
  useEffect(() => setIsSideInFront(false), [section, item])
  // newer browsers answer with a promise, which is no clean-up
  useEffect(() => void form.current?.scrollTo(0, 0), [shown])
  return (
    <>
      <Header onSide={() => setIsSideInFront(!isSideInFront)} isSideInFront={isSideInFront} />
      <Banners />
      <div className="plan-panes" data-front={front}>
        <SectionList shown={shown} />
        <section className="plan-form" ref={form}>
          <Button look="quiet" className="plan-back" onPress={() => showPart(null)}>
            <ChevronLeft size={16} aria-hidden />
            {texts.header.back}
          </Button>
          {shown === 'policy' && <PolicySection />}
          {shown === 'tiers' && <TiersSection item={item} />}
          {shown === 'groups' && <GroupsSection item={item} />}
          {shown === 'agents' && <AgentsSection item={item} />}
          {shown === 'hours' && <HoursSection item={item} />}
          {shown === 'versions' && <VersionsSection item={item} />}
          {shown === 'review' && <ReviewSection onDone={() => showPart(lastSection.current)} />}
        </section>
        <aside className="plan-side" aria-label={texts.consequences.title}>
          <Consequences section={shown} item={item} />
        </aside>
      </div>
    </>
  )
}

interface HeaderProps {
  readonly onSide: () => void
  readonly isSideInFront: boolean
}

function Header({ onSide, isSideInFront }: HeaderProps) {
  const { editor, editing, texts } = usePlan()
  const words = texts.header
  const { view, changes, done, undone } = editing
  return (
    <header className="place-header plan-header">
      <h1>{texts.title}</h1>
      <p className="clip only-wide">{view && <VersionLine version={view.version} />}</p>
      <span className="plan-count" data-any={changes.length > 0 || undefined}>
        {words.unsaved(changes.length)}
      </span>
      <IconButton
        icon={Undo2}
        label={words.undo}
        keys="Ctrl+Z"
        isDisabled={!done.length}
        onPress={() => editor.undo()}
      />
      <IconButton
        icon={Redo2}
        label={words.redo}
        keys="Ctrl+Shift+Z"
        isDisabled={!undone.length}
        onPress={() => editor.redo()}
      />
      <IconButton
        icon={PanelRight}
        label={isSideInFront ? words.toForm : words.toConsequences}
        className="only-narrow"
        aria-pressed={isSideInFront}
        onPress={onSide}
      />
      <Button look="primary" isDisabled={!changes.length} onPress={() => showPart('review')}>
        {words.review}
      </Button>
    </header>
  )
}

/** What happened meanwhile, calmly, above the work. */
function Banners() {
  const { editor, editing, texts, locale } = usePlan()
  const { line } = useWorkplace()
  const all = useTexts()
  const isOnline = useStore(line).kind === 'online'
  const words = texts.header
  const { saved, newer, conflict, isRestored } = editing
  return (
    <div className="plan-banners">
      {!isOnline && <p className="plan-banner">{words.disconnected}</p>}
      {isRestored && <Banner text={words.restored} onClose={() => editor.dismiss()} close={all.dismiss} />}
      {saved && (
        <Banner
          look="ok"
          text={words.saved(saved.version)}
          onClose={() => editor.dismiss()}
          close={all.dismiss}
        />
      )}
      {newer && !conflict && (
        <p className="plan-banner" role="status">
          {words.newer(
            newer.saved_by?.name ?? words.someone,
            relativeTime(newer.saved_ms, locale),
            newer.version,
          )}
          <Button
            onPress={() => {
              showPart('review')
              void editor.compare()
            }}
          >
            {words.combine}
          </Button>
        </p>
      )}
    </div>
  )
}

interface BannerProps {
  readonly text: string
  readonly close: string
  readonly look?: 'ok'
  readonly onClose: () => void
}

function Banner({ text, close, look, onClose }: BannerProps) {
  return (
    <p className="plan-banner" data-look={look}>
      {text}
      <Button look="quiet" onPress={onClose}>
        {close}
      </Button>
    </p>
  )
}

function SectionList({ shown }: { readonly shown: string }) {
  const { editing, texts } = usePlan()
  const count = (section: SectionName) =>
    editing.problems.filter(({ path }) => placeOf(path).section === section).length
  const changed = new Set(editing.changes.map(({ path }) => placeOf(path).section))
  return (
    <nav className="plan-sections" aria-label={texts.sectionList}>
      {sections.map((section) => {
        const problems = count(section)
        return (
          <a
            key={section}
            href={`#/routing/${section}`}
            aria-current={section === shown ? 'page' : undefined}
          >
            {texts.sections[section]}
            {changed.has(section) && (
              <i className="plan-changed" title={texts.changed}>
                <span className="visually-hidden">{texts.changed}</span>
              </i>
            )}
            {problems > 0 && (
              <span className="plan-problem-count figures" title={texts.problemsIn(problems)}>
                {problems}
              </span>
            )}
          </a>
        )
      })}
    </nav>
  )
}

/** Ctrl+Z and Ctrl+Shift+Z anywhere at this place, but for texts that are not of the plan. */
function useUndoKeys(): void {
  const { editor, say, texts } = usePlan()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return
      if (event.target instanceof Element && event.target.closest('[data-own-undo]')) return
      const key = event.key.toLowerCase()
      if (key !== 'z' && key !== 'y') return
      event.preventDefault()
      const isRedo = key === 'y' || event.shiftKey
      if (isRedo) editor.redo()
      else editor.undo()
      say(isRedo ? texts.header.redo : texts.header.undo)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [editor, say, texts])
}
