import type { ArticleDetail, PublicationView, VersionView } from '@wecc/protocol'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'

import { Button } from '../controls/button'
import { useReading } from '../reading'
import { approvedFor, canBePublished } from './content'
import { nameIn, troubleText, useKnowledge, useTargetName } from './context'
import { Checks, Field, Problem, Waiting } from './controls'
import { atOf, localInput, moment } from './moment'
import { at, send, useAct } from './use-act'

type Task = 'publish' | 'withdraw' | 'suspend' | 'resume'

export interface PublishingProps {
  readonly detail: ArticleDetail
  /** Of an earlier version that is to be published again; null: the newest that can be. */
  readonly version: number | null
  readonly onDetail: (detail: ArticleDetail) => void
}

/** Where the article is, and bringing it there, away, and back. Source: 3.2.2-12 … 14. */
export function Publishing({ detail, version, onDetail }: PublishingProps) {
  const { texts, rights } = useKnowledge()
  const words = texts.publish
  const [task, setTask] = useState<Task | null>(version === null ? null : 'publish')
  const { article, publications, versions } = detail
  const publishable = version ?? versions.find((one) => canBePublished(one.stage))?.version ?? null
  const has = (...states: readonly PublicationView['state'][]) =>
    publications.some((one) => states.includes(one.state))
  const mayAct = (rights.is_editor || rights.is_reviewer) && article.deleted_ms === null
  const close = (after: ArticleDetail) => {
    onDetail(after)
    setTask(null)
  }
  return (
    <section className="kb-scroll" aria-label={words.title}>
      {publications.length === 0 ? (
        <p className="kb-intro">{publishable === null ? words.nothing : words.ready}</p>
      ) : (
        <Publications publications={publications} />
      )}
      {mayAct && (
        <footer className="kb-actions">
          {publishable !== null && (
            <Button
              look={task === null && detail.newest.stage === 'approved' ? 'primary' : 'plain'}
              aria-expanded={task === 'publish'}
              onPress={() => setTask('publish')}
            >
              {has('live', 'scheduled') && publishable <= (article.visible_version ?? 0)
                ? words.goAgain
                : words.goTitle(publishable)}
            </Button>
          )}
          {has('suspended') && (
            <Button aria-expanded={task === 'resume'} onPress={() => setTask('resume')}>
              {words.resume}
            </Button>
          )}
          {has('live') && (
            <Button aria-expanded={task === 'suspend'} onPress={() => setTask('suspend')}>
              {words.suspend}
            </Button>
          )}
          {has('live', 'scheduled', 'suspended') && (
            <Button aria-expanded={task === 'withdraw'} onPress={() => setTask('withdraw')}>
              {words.withdraw}
            </Button>
          )}
        </footer>
      )}
      {task === 'publish' && publishable !== null && (
        <PublishForm
          key={publishable}
          detail={detail}
          version={publishable}
          onDone={close}
          onClose={() => setTask(null)}
        />
      )}
      {task !== null && task !== 'publish' && (
        <TakeForm key={task} task={task} detail={detail} onDone={close} onClose={() => setTask(null)} />
      )}
    </section>
  )
}

function Publications({ publications }: { readonly publications: readonly PublicationView[] }) {
  const words = useKnowledge().texts.publish
  const targetName = useTargetName()
  return (
    <table className="kb-table">
      <thead>
        <tr>
          <th scope="col">{words.target}</th>
          <th scope="col">{words.state}</th>
          <th scope="col">{words.version}</th>
          <th scope="col">{words.when}</th>
        </tr>
      </thead>
      <tbody>
        {publications.map((one) => (
          <tr key={one.target_id}>
            <th scope="row">{targetName(one.target_id)}</th>
            <td>
              <span className="kb-stage" data-stage={stageOf[one.state]}>
                {words.states[one.state]}
              </span>
            </td>
            <td>
              <Standing publication={one} />
            </td>
            <td>
              <Times publication={one} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const stageOf = {
  scheduled: 'approved',
  live: 'published',
  suspended: 'suspended',
  withdrawn: 'withdrawn',
} as const

/** What readers see there, and what is still under way. */
function Standing({ publication }: { readonly publication: PublicationView }) {
  const { texts } = useKnowledge()
  const words = texts.publish
  const { version, visible_version, state, is_settled, error } = publication
  return (
    <>
      {visible_version === null ? words.invisible : words.visible(visible_version)}
      {error ? (
        <p className="kb-wrong">
          <TriangleAlert size={12} aria-hidden /> {words.waits(troubleText(error, texts))}
        </p>
      ) : (
        !is_settled && (
          <p className="kb-hint" role="status">
            {state === 'live' || state === 'scheduled' ? words.placing(version) : words.removing}
          </p>
        )
      )}
      {error && !is_settled && <Retry targetId={publication.target_id} />}
    </>
  )
}

function Retry({ targetId }: { readonly targetId: string }) {
  const { targets, texts, rights, say } = useKnowledge()
  const { isBusy, act } = useAct()
  const target = targets.find((one) => one.id === targetId)
  if (!target || !rights.is_administrator) return null
  return (
    <Button
      isPending={isBusy}
      onPress={() =>
        void act(async () => {
          await send('POST', `targets/${target.code}/check`)
          say(texts.publish.retried)
        })
      }
    >
      {texts.publish.retry}
    </Button>
  )
}

function Times({ publication }: { readonly publication: PublicationView }) {
  const { texts, locale } = useKnowledge()
  const words = texts.publish
  const { state, starts_ms, until_ms, ends_ms } = publication
  const told = [
    state === 'scheduled' && starts_ms !== null && words.starts(moment(starts_ms, locale)),
    state === 'suspended' && (until_ms === null ? words.untilResumed : words.until(moment(until_ms, locale))),
    state === 'live' && ends_ms !== null && words.ends(moment(ends_ms, locale)),
  ].filter((one) => one !== false)
  return <>{told.join(' ')}</>
}

interface FormProps {
  readonly detail: ArticleDetail
  readonly onDone: (detail: ArticleDetail) => void
  readonly onClose: () => void
}

function PublishForm({ detail, version, onDone, onClose }: FormProps & { readonly version: number }) {
  const { texts, targets, locale, say } = useKnowledge()
  const words = texts.publish
  const { article, newest } = detail
  const isNewest = version === newest.version
  const read = useReading<VersionView>(isNewest ? null : at(`articles/${article.id}/versions/${version}`), {
    isQuiet: true,
  })
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null)
  const [starts, setStarts] = useState<string | null>(null)
  const { isBusy, error, act } = useAct()
  const view = isNewest ? newest : read.value
  if (!view) return <Waiting reading={read} />
  const may = approvedFor(view.opinions, targets)
  const shown = chosen ?? new Set(may.map((one) => one.id))
  const starts_ms = starts === null ? null : atOf(starts)
  const isPast = starts !== null && (starts_ms === null || starts_ms <= Date.now())
  const publish = () =>
    act(async () => {
      const body = { version, target_ids: [...shown], starts_ms }
      const after = await send<ArticleDetail>('POST', `articles/${article.id}/publish`, body)
      say(starts_ms === null ? words.asked(version) : words.scheduled(version, moment(starts_ms, locale)))
      onDone(after)
    })
  return (
    <form
      className="kb-act"
      onSubmit={(event) => {
        event.preventDefault()
        void publish()
      }}
    >
      <h3>{words.goTitle(version)}</h3>
      {article.visible_version !== null && article.visible_version !== version && (
        <p className="kb-hint">{words.replaces(article.visible_version)}</p>
      )}
      <Checks
        legend={words.to}
        options={may.map((one) => ({ id: one.id, name: nameIn(locale, one) }))}
        chosen={shown}
        onChoose={setChosen}
        empty={texts.review.noTargets}
      />
      <fieldset className="kb-radios">
        <legend>{words.when}</legend>
        <label>
          <input type="radio" name="when" checked={starts === null} onChange={() => setStarts(null)} />
          {words.atOnce}
        </label>
        <label>
          <input
            type="radio"
            name="when"
            checked={starts !== null}
            onChange={() => setStarts(localInput(nextHour()))}
          />
          {words.later}
        </label>
      </fieldset>
      {starts !== null && (
        <Field label={words.startsAt} problem={isPast ? words.startsPast : null}>
          {(attributes) => (
            <input
              {...attributes}
              className="input figures"
              type="datetime-local"
              value={starts}
              onChange={(event) => setStarts(event.target.value)}
            />
          )}
        </Field>
      )}
      <Problem error={error} />
      <footer className="kb-actions">
        <Button type="submit" look="primary" isPending={isBusy} isDisabled={shown.size === 0 || isPast}>
          {starts === null ? words.go : words.later}
        </Button>
        <Button look="quiet" onPress={onClose}>
          {texts.cancel}
        </Button>
      </footer>
    </form>
  )
}

const nextHour = (): number => Math.ceil((Date.now() + 60_000) / 3_600_000) * 3_600_000

/** Taking it away or back, with what that means for readers. */
function TakeForm({
  task,
  detail,
  onDone,
  onClose,
}: FormProps & { readonly task: Exclude<Task, 'publish'> }) {
  const { texts, say } = useKnowledge()
  const words = texts.publish
  const targetName = useTargetName()
  const concerned = detail.publications.filter((one) => concerns[task].includes(one.state))
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(concerned.map((one) => one.target_id)))
  const [until, setUntil] = useState('')
  const [comment, setComment] = useState('')
  const { isBusy, error, act } = useAct()
  const names = texts.list([...chosen].map((id) => targetName(id)))
  const told = {
    withdraw: { title: words.withdrawTitle, means: words.withdrawLoss(names), go: words.withdrawGo },
    suspend: { title: words.suspendTitle, means: words.suspendLoss(names), go: words.suspendGo },
    resume: { title: words.resumeTitle, means: words.resumeGain(names), go: words.resume },
  }[task]
  const done = { withdraw: words.withdrawn, suspend: words.suspended, resume: words.resumed }[task]
  const until_ms = atOf(until)
  const isPast = until !== '' && (until_ms === null || until_ms <= Date.now())
  const take = () =>
    act(async () => {
      const body = {
        target_ids: [...chosen],
        comment: comment.trim(),
        ...(task === 'suspend' ? { until_ms } : {}),
      }
      const after = await send<ArticleDetail>('POST', `articles/${detail.article.id}/${task}`, body)
      say(done)
      onDone(after)
    })
  return (
    <form
      className="kb-act"
      onSubmit={(event) => {
        event.preventDefault()
        void take()
      }}
    >
      <h3>{told.title}</h3>
      <Checks
        legend={words.where}
        options={concerned.map((one) => ({ id: one.target_id, name: targetName(one.target_id) }))}
        chosen={chosen}
        onChoose={setChosen}
      />
      {chosen.size > 0 && <p role="status">{told.means}</p>}
      {task === 'suspend' && (
        <Field label={words.suspendUntil} problem={isPast ? words.startsPast : null}>
          {(attributes) => (
            <input
              {...attributes}
              className="input figures"
              type="datetime-local"
              value={until}
              onChange={(event) => setUntil(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field label={words.reason}>
        {(attributes) => (
          <input
            {...attributes}
            className="input"
            maxLength={300}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
        )}
      </Field>
      <Problem error={error} />
      <footer className="kb-actions">
        <Button
          type="submit"
          look={task === 'resume' ? 'primary' : 'danger'}
          isPending={isBusy}
          isDisabled={chosen.size === 0 || isPast}
        >
          {told.go}
        </Button>
        <Button look="quiet" onPress={onClose}>
          {texts.cancel}
        </Button>
      </footer>
    </form>
  )
}

const concerns: Readonly<Record<Exclude<Task, 'publish'>, readonly PublicationView['state'][]>> = {
  withdraw: ['live', 'scheduled', 'suspended'],
  suspend: ['live'],
  resume: ['suspended'],
}
