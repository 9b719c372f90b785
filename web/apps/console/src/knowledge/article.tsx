import type { ArticleDetail } from '@wecc/protocol'
import { relativeTime } from '@wecc/ui'
import { ChevronLeft, MoreHorizontal } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import {
  Button as AriaButton,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  Tab,
  TabList,
  TabPanel,
  Tabs,
} from 'react-aria-components'

import { useNow } from '../controls/age'
import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { LeaveGuard } from '../controls/leave-guard'
import { hashOf, place, type Place } from '../place'
import { useHaste, useReading } from '../reading'
import { NEW, showArticle } from './address'
import { personName, useKnowledge, useTargetName } from './context'
import { Problem, Waiting } from './controls'
import { ArticleEditor } from './editor'
import { Publishing } from './publish'
import { Review, waitsFor } from './review'
import { StageMark } from './stage-mark'
import { at, send, useAct } from './use-act'
import { type Editing, useEditing } from './use-editing'
import { Versions } from './versions'

const isHere = (there: Place) => hashOf(there) === hashOf(place.getSnapshot())

type TabName = 'edit' | 'review' | 'publish' | 'versions'

/** One article: its content, its review, where it is published, and all its versions. */
export function ArticlePane({ id }: { readonly id: string }) {
  const { texts } = useKnowledge()
  const reading = useReading<ArticleDetail>(id === NEW ? null : at(`articles/${id}`))
  useHaste(reading, reading.value?.publications.some((one) => !one.is_settled && !one.error) ?? false)
  const editing = useEditing(id, reading.value, reading.put)
  if (id === NEW)
    return (
      <>
        <NewHeader />
        <ArticleEditor editing={editing} />
        {editing.draft && <LeaveGuard isWithin={isHere} onDiscard={editing.discard} />}
      </>
    )
  if (reading.error?.code === 'request.not_found')
    return (
      <>
        <Back />
        <p className="kb-hint kb-nothing">{texts.article.gone}</p>
      </>
    )
  if (!reading.value)
    return (
      <>
        <Back />
        <Waiting reading={reading} lines={6} />
      </>
    )
  return <Article editing={editing} detail={reading.value} onDetail={reading.put} />
}

function Back() {
  const { texts } = useKnowledge()
  return (
    <Button look="quiet" className="kb-back" onPress={() => showArticle(null)}>
      <ChevronLeft size={16} aria-hidden />
      {texts.back}
    </Button>
  )
}

function NewHeader() {
  const { texts } = useKnowledge()
  return (
    <header className="kb-article-head">
      <Back />
      <h2>{texts.article.newTitle}</h2>
    </header>
  )
}

interface ArticleProps {
  readonly editing: Editing
  readonly detail: ArticleDetail
  readonly onDetail: (detail: ArticleDetail) => void
}

function Article({ editing, detail, onDetail }: ArticleProps) {
  const { texts, me, rights } = useKnowledge()
  const words = texts.article
  const { article, newest } = detail
  const [tab, setTab] = useState<TabName>(waitsFor(detail, me.id) ? 'review' : 'edit')
  const [publishing, setPublishing] = useState<number | null>(null)
  const tabs = useRef<HTMLDivElement>(null)
  const isDeleted = article.deleted_ms !== null
  const waiting = newest.opinions.filter((one) => one.verdict === '').length
  // The button that leads there goes, so the focus goes along.
  const lead = (to: TabName) => {
    setTab(to)
    setTimeout(() => tabs.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus())
  }
  const publish = (version: number | null) => {
    setPublishing(version)
    lead('publish')
  }
  return (
    <>
      <ArticleHeader editing={editing} detail={detail} onDetail={onDetail}>
        {!isDeleted &&
          tab !== 'review' &&
          rights.is_editor &&
          ['draft', 'changes_asked'].includes(newest.stage) && (
            <Button onPress={() => lead('review')}>{texts.review.submit}</Button>
          )}
        {!isDeleted && tab !== 'publish' && newest.stage === 'approved' && (
          <Button look="primary" onPress={() => publish(newest.version)}>
            {texts.publish.go}
          </Button>
        )}
      </ArticleHeader>
      <Tabs
        className="kb-tabs"
        selectedKey={tab}
        onSelectionChange={(key) => {
          setPublishing(null)
          setTab(key as TabName)
        }}
      >
        <TabList ref={tabs} className="kb-tab-list" aria-label={words.tabList}>
          <Tab id="edit">{words.tabs.edit}</Tab>
          <Tab id="review">
            {words.tabs.review}
            {newest.stage === 'in_review' && (
              <small className="figures">
                {newest.opinions.length - waiting}/{newest.opinions.length}
              </small>
            )}
          </Tab>
          <Tab id="publish">
            {words.tabs.publish}
            {article.has_error && <small className="kb-tab-alert">!</small>}
          </Tab>
          <Tab id="versions">
            {words.tabs.versions}
            <small className="figures">{detail.versions.length}</small>
          </Tab>
        </TabList>
        <TabPanel id="edit" className="kb-tab-panel">
          <ArticleEditor editing={editing} />
        </TabPanel>
        <TabPanel id="review" className="kb-tab-panel">
          <Review editing={editing} detail={detail} onDetail={onDetail} />
        </TabPanel>
        <TabPanel id="publish" className="kb-tab-panel">
          <Publishing key={publishing} detail={detail} version={publishing} onDetail={onDetail} />
        </TabPanel>
        <TabPanel id="versions" className="kb-tab-panel">
          <Versions editing={editing} detail={detail} onPublish={publish} onRestored={() => lead('edit')} />
        </TabPanel>
      </Tabs>
      {editing.draft && <LeaveGuard isWithin={isHere} onDiscard={editing.discard} />}
    </>
  )
}

interface ArticleHeaderProps extends ArticleProps {
  readonly children: ReactNode
}

function ArticleHeader({ editing, detail, onDetail, children }: ArticleHeaderProps) {
  const { texts, locale } = useKnowledge()
  const words = texts.article
  const { article, newest } = detail
  const now_ms = Math.max(useNow(), newest.at_ms)
  return (
    <header className="kb-article-head">
      <Back />
      <div className="kb-article-name">
        <h2 className="clip" title={article.title}>
          {editing.edited.content.title || article.title}
        </h2>
        <p className="clip">
          <StageMark stage={newest.stage} /> {words.version(newest.version)} ·{' '}
          {words.savedBy(personName(newest.author, texts), relativeTime(newest.at_ms, locale, now_ms))} ·{' '}
          {article.visible_version === null ? words.notLive : words.liveNow(article.visible_version)}
          {article.external_id && ` · ${article.external_id}`}
        </p>
      </div>
      {children}
      <ArticleMenu editing={editing} detail={detail} onDetail={onDetail} />
      {article.deleted_ms !== null && (
        <p className="kb-banner">{words.deleted(relativeTime(article.deleted_ms, locale, now_ms))}</p>
      )}
    </header>
  )
}

type Task = 'archive' | 'unarchive' | 'remove' | 'restore' | 'purge'

/** What is seldom done to an article as a whole. */
function ArticleMenu({ editing, detail, onDetail }: ArticleProps) {
  const { texts, rights, say } = useKnowledge()
  const words = texts.article
  const targetName = useTargetName()
  const [asked, setAsked] = useState<Task | null>(null)
  const { isBusy, error, act, clear } = useAct()
  const { article, newest, publications } = detail
  const isDeleted = article.deleted_ms !== null
  const isArchived = newest.stage === 'archived'
  const live = publications
    .filter((one) => one.visible_version !== null)
    .map((one) => targetName(one.target_id))
  const mayArchive = ['draft', 'changes_asked', 'approved', 'withdrawn', 'superseded'].includes(newest.stage)
  const tasks: readonly Task[] = [
    ...(rights.is_editor && isDeleted ? (['restore'] as const) : []),
    ...(rights.is_administrator && isDeleted ? (['purge'] as const) : []),
    ...(rights.is_editor && !isDeleted && isArchived ? (['unarchive'] as const) : []),
    ...(rights.is_editor && !isDeleted && mayArchive ? (['archive'] as const) : []),
    ...(rights.is_editor && !isDeleted ? (['remove'] as const) : []),
  ]
  const path = `articles/${article.id}`
  const version = { version: newest.version }
  const work: Record<Task, () => Promise<unknown>> = {
    archive: async () => onDetail(await send<ArticleDetail>('POST', `${path}/archive`, version)),
    unarchive: async () => onDetail(await send<ArticleDetail>('POST', `${path}/take-back`, version)),
    remove: async () => {
      editing.discard()
      await send('DELETE', path)
      showArticle(null)
    },
    restore: async () => onDetail(await send<ArticleDetail>('POST', `${path}/restore`)),
    purge: async () => {
      await send('POST', `${path}/purge`)
      showArticle(null)
    },
  }
  const said: Record<Task, string> = {
    archive: words.archived,
    unarchive: texts.review.takenBack,
    remove: words.removed,
    restore: words.restored,
    purge: words.purged,
  }
  const perform = async (task: Task) => {
    if (!(await act(work[task]))) return
    say(said[task])
    setAsked(null)
  }
  const asks = {
    archive: { title: words.archiveTitle, text: words.archiveAsk },
    remove: {
      title: words.removeTitle,
      text: live.length ? words.removeLive(texts.list(live)) : words.removeAsk,
    },
    purge: { title: words.purgeTitle, text: words.purgeAsk },
  } as const
  if (tasks.length === 0) return null
  return (
    <>
      <MenuTrigger>
        <AriaButton className="icon-button" aria-label={words.more}>
          <MoreHorizontal size={16} aria-hidden />
        </AriaButton>
        <Popover className="popover" placement="bottom end" offset={4}>
          <Menu
            className="menu"
            aria-label={words.more}
            onAction={(key) => {
              const task = key as Task
              clear()
              if (task in asks) setAsked(task)
              else void perform(task)
            }}
          >
            {tasks.map((task) => (
              <MenuItem key={task} id={task} className="menu-item">
                {words[task]}
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
      {asked === null && <Problem error={error} />}
      {asked !== null && asked in asks && (
        <Ask
          {...asks[asked as keyof typeof asks]}
          confirm={words[asked]}
          look={asked === 'archive' ? 'primary' : 'danger'}
          isBusy={isBusy}
          problem={<Problem error={error} />}
          onConfirm={() => void perform(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  )
}
