import './knowledge.css'
import './list.css'
import './sections.css'
import './article.css'
import './narrow.css'

import type { AgentGroupList, CategoryList, StaffList, TargetList } from '@wecc/protocol'
import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'

import { Button } from '../controls/button'
import { useDesk, useWorkplace } from '../desk/context'
import { LearningSection } from '../learning/learning-section'
import { type Reading, useReading } from '../reading'
import { useLocale } from '../texts'
import { type SectionName, sections, showPart } from './address'
import { ArticlesSection } from './articles'
import { KnowledgeContext, useKnowledge } from './context'
import { HotSection } from './hot'
import { ImportSection } from './import-section'
import { LogSection } from './log'
import { rightsOf, useKnowledgeRights } from './rights'
import { StaffSection } from './staff'
import { TargetsSection } from './targets'
import { useKnowledgeTexts } from './texts'
import { at } from './use-act'
import { WordsSection } from './words'

export interface KnowledgePlaceProps {
  /** As the address has it; one that is none is the first. */
  readonly section: string | null
  readonly item: string | null
}

const SAID_MS = 5_000

/** The knowledge desk: articles are written, reviewed, published and withdrawn. Source: 3.2.2-09 … 17. */
export default function KnowledgePlace({ section, item }: KnowledgePlaceProps) {
  const workplace = useWorkplace()
  const rights = useKnowledgeRights(workplace)
  const texts = useKnowledgeTexts()
  const locale = useLocale()
  const me = useDesk((desk) => desk.me)
  const tierMap = useDesk((desk) => desk.tiers)
  const categories = useReading<CategoryList>(at('categories'))
  const targets = useReading<TargetList>(at('targets'))
  const staff = useReading<StaffList>(at('staff'))
  const groups = useReading<AgentGroupList>(at('groups'), { isQuiet: true })
  const [said, setSaid] = useState('')
  // The same words twice are said twice.
  const say = useCallback((text: string) => setSaid((was) => (was === text ? `${text}\u200b` : text)), [])

  useEffect(() => void rightsOf(workplace).read(), [workplace, section])
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => setSaid(''), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])

  const value = useMemo(
    () => ({
      me,
      rights,
      texts,
      locale,
      categories: categories.value?.categories ?? null,
      targets: targets.value?.targets ?? [],
      staff: staff.value?.staff ?? [],
      tiers: [...tierMap.values()],
      groups: groups.value?.groups ?? [],
      say,
    }),
    [me, rights, texts, locale, categories.value, targets.value, staff.value, tierMap, groups.value, say],
  )
  return (
    <KnowledgeContext value={value}>
      <main className="place kb">
        <Header said={said} isOffline={categories.error?.code === 'client.connection_lost'} />
        <Sections section={section} item={item} categories={categories} />
      </main>
    </KnowledgeContext>
  )
}

function Header({ said, isOffline }: { readonly said: string; readonly isOffline: boolean }) {
  const { texts } = useKnowledge()
  return (
    <header className="place-header kb-header">
      <h1>{texts.title}</h1>
      <p role="status" className="kb-said clip">
        {said}
      </p>
      {isOffline && (
        <p role="alert" className="kb-offline">
          {texts.offline}
        </p>
      )}
    </header>
  )
}

/** Which sections somebody has anything to do in. */
function useSections(): readonly SectionName[] {
  const { rights } = useKnowledge()
  const isLeading = useWorkplace().session.role !== 'agent'
  return sections.filter((name) => {
    switch (name) {
      case 'import':
        return rights.is_editor
      case 'log':
        return isLeading
      case 'staff':
        return rights.is_administrator
      default:
        return true
    }
  })
}

interface SectionsProps extends KnowledgePlaceProps {
  readonly categories: Reading<CategoryList>
}

function Sections({ section, item, categories }: SectionsProps) {
  const { texts } = useKnowledge()
  const mine = useSections()
  const shown = mine.find((one) => one === section) ?? 'articles'
  const nav = (
    <nav className="kb-sections" aria-label={texts.sectionList}>
      {mine.map((name) => (
        <a key={name} href={`#/knowledge/${name}`} aria-current={name === shown ? 'page' : undefined}>
          {texts.sections[name]}
        </a>
      ))}
    </nav>
  )
  if (shown === 'articles')
    return <ArticlesSection nav={nav} isFirst={section === null} item={item} failed={categories.error} />
  return (
    <div className="kb-panes" data-front="form">
      <div className="kb-side">{nav}</div>
      <Form key={shown}>
        {shown === 'hot' && <HotSection item={item} />}
        {shown === 'targets' && <TargetsSection item={item} />}
        {shown === 'words' && <WordsSection />}
        {shown === 'import' && <ImportSection />}
        {shown === 'learning' && <LearningSection item={item} />}
        {shown === 'log' && <LogSection item={item} />}
        {shown === 'staff' && <StaffSection />}
      </Form>
    </div>
  )
}

function Form({ children }: { readonly children: ReactNode }) {
  const { texts } = useKnowledge()
  return (
    <section className="kb-form">
      <Button look="quiet" className="kb-back" onPress={() => showPart(null)}>
        <ChevronLeft size={16} aria-hidden />
        {texts.back}
      </Button>
      {children}
    </section>
  )
}
