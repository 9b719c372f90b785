import type { ArticleDetail, OpinionView, VersionView } from '@wecc/protocol'
import { fileSize, relativeTime } from '@wecc/ui'
import { useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { useReading } from '../reading'
import { ArticleBody } from './article-body'
import { fileAddress } from './body-editor'
import { type Told, toldOf } from './content'
import { nameIn, useKnowledge, useTargetName } from './context'
import { Checks, Field, Problem, Waiting } from './controls'
import { Difference } from './difference'
import { flawOf } from './flaw'
import { at, send, useAct } from './use-act'
import type { Editing } from './use-editing'

export interface ReviewProps {
  readonly editing: Editing
  readonly detail: ArticleDetail
  readonly onDetail: (detail: ArticleDetail) => void
}

/** Whether the newest version waits for this reviewer's word. */
export const waitsFor = (detail: ArticleDetail, agentId: string): boolean =>
  detail.newest.stage === 'in_review' &&
  detail.newest.opinions.some((one) => one.reviewer.id === agentId && one.verdict === '')

/** Until the last word is said, everybody who was asked may change his own. */
const maySay = (detail: ArticleDetail, agentId: string): boolean =>
  detail.newest.stage === 'in_review' && detail.newest.opinions.some((one) => one.reviewer.id === agentId)

/** Submitting a version, what the reviewers say, and one's own word. Source: 3.2.2-13. */
export function Review({ editing, detail, onDetail }: ReviewProps) {
  const { texts, me, rights } = useKnowledge()
  const words = texts.review
  const { newest, article } = detail
  const maySubmit = rights.is_editor && article.deleted_ms === null
  const isDraft = newest.stage === 'draft' || (newest.stage === 'changes_asked' && editing.draft !== null)
  return (
    <section className="kb-scroll" aria-label={texts.article.tabs.review}>
      <p className="kb-intro">
        {newest.stage === 'in_review'
          ? words.waits
          : ((words.stage as Record<string, string>)[newest.stage] ?? words.stage.other)}
      </p>
      {newest.comment && <blockquote className="kb-comment">{newest.comment}</blockquote>}
      {newest.opinions.length > 0 && <Opinions opinions={newest.opinions} />}
      {maySay(detail, me.id) ? (
        <GiveOpinion detail={detail} onDetail={onDetail} />
      ) : (
        <>
          {newest.stage === 'in_review' && rights.is_editor && (
            <TakeBack detail={detail} onDetail={onDetail} />
          )}
          {maySubmit && (isDraft || (editing.draft !== null && newest.stage !== 'in_review')) && (
            <Submit editing={editing} detail={detail} onDetail={onDetail} />
          )}
          {newest.stage === 'in_review' && <Changes detail={detail} />}
        </>
      )}
    </section>
  )
}

function Opinions({ opinions }: { readonly opinions: readonly OpinionView[] }) {
  const { texts, locale } = useKnowledge()
  const words = texts.review
  const targetName = useTargetName()
  return (
    <>
      <h3>{words.opinions}</h3>
      <ul className="kb-opinions">
        {opinions.map((one) => (
          <li key={one.reviewer.id} data-verdict={one.verdict || undefined}>
            <b>{one.reviewer.name}</b>
            <span>
              {one.verdict === 'approve'
                ? words.approved
                : one.verdict === 'changes'
                  ? words.changes
                  : words.waiting}
            </span>
            <small>
              {one.at_ms === null
                ? words.asked(relativeTime(one.asked_ms, locale))
                : relativeTime(one.at_ms, locale)}
            </small>
            {one.verdict === 'approve' && (
              <p>{words.to(texts.list(one.target_ids.map((id) => targetName(id))))}</p>
            )}
            {one.text && <blockquote className="kb-comment">{one.text}</blockquote>}
          </li>
        ))}
      </ul>
    </>
  )
}

/** Handing in what is written; what is not saved yet is saved first. */
function Submit({ editing, detail, onDetail }: ReviewProps) {
  const { texts, staff, me, say } = useKnowledge()
  const words = texts.review
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { isBusy, error, act } = useAct()
  const { newest, article } = detail
  // Nobody reviews his own version: whoever saves it now is its author.
  const authorId = editing.draft ? me.id : newest.author.id
  const reviewers = staff.filter((one) => one.is_reviewer || one.role === 'administrator')
  const flaw = editing.draft && flawOf(editing, texts.editor)
  const submit = () =>
    act(async () => {
      const version = editing.draft ? await editing.save() : newest.version
      if (version === null) return
      const body = { version, reviewer_ids: [...chosen] }
      onDetail(await send<ArticleDetail>('POST', `articles/${article.id}/review`, body))
      const names = reviewers.filter((one) => chosen.has(one.agent.id)).map((one) => one.agent.name)
      say(words.sent(texts.list(names)))
    })
  return (
    <form
      className="kb-act"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <h3>{editing.draft ? words.submitNew : words.submitTitle(newest.version)}</h3>
      <Checks
        legend={words.reviewers}
        empty={words.noReviewers}
        options={reviewers.map(({ agent }) => ({
          id: agent.id,
          name: agent.name,
          isDisabled: agent.id === authorId,
          ...(agent.id === authorId ? { note: words.self } : {}),
        }))}
        chosen={chosen}
        onChoose={setChosen}
      />
      {flaw && <p className="kb-wrong">{flaw}</p>}
      <Problem error={error ?? editing.saving.error} />
      <footer className="kb-actions">
        <Button
          type="submit"
          look="primary"
          isPending={isBusy}
          isDisabled={chosen.size === 0 || Boolean(flaw)}
        >
          {editing.draft ? words.saveAndSubmit : words.submit}
        </Button>
      </footer>
    </form>
  )
}

function TakeBack({ detail, onDetail }: Omit<ReviewProps, 'editing'>) {
  const { texts, say } = useKnowledge()
  const words = texts.review
  const [isAsking, setIsAsking] = useState(false)
  const { isBusy, error, act } = useAct()
  const { newest, article } = detail
  const takeBack = async () => {
    const isDone = await act(async () =>
      onDetail(
        await send<ArticleDetail>('POST', `articles/${article.id}/take-back`, { version: newest.version }),
      ),
    )
    if (!isDone) return
    setIsAsking(false)
    say(words.takenBack)
  }
  return (
    <footer className="kb-actions">
      <Button onPress={() => setIsAsking(true)}>{words.takeBack}</Button>
      {isAsking && (
        <Ask
          title={words.takeBackTitle}
          text={words.takeBackAsk}
          confirm={words.takeBack}
          isBusy={isBusy}
          problem={<Problem error={error} />}
          onConfirm={() => void takeBack()}
          onClose={() => setIsAsking(false)}
        />
      )}
    </footer>
  )
}

/** The reviewer's word: where it may go, or what has to be changed. */
function GiveOpinion({ detail, onDetail }: Omit<ReviewProps, 'editing'>) {
  const { texts, targets, locale, me, say } = useKnowledge()
  const words = texts.review
  const own = detail.newest.opinions.find((one) => one.reviewer.id === me.id && one.verdict !== '')
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(own ? new Set(own.target_ids) : null)
  const [text, setText] = useState(own?.text ?? '')
  const [isTextMissing, setIsTextMissing] = useState(false)
  const { isBusy, error, act } = useAct()
  const { newest, article } = detail
  const isNone = chosen?.size === 0
  const give = (verdict: 'approve' | 'changes') =>
    act(async () => {
      const target_ids = verdict === 'approve' ? [...(chosen ?? byDefault)] : []
      const body = { version: newest.version, verdict, target_ids, text: text.trim() }
      onDetail(await send<ArticleDetail>('POST', `articles/${article.id}/opinion`, body))
      setIsTextMissing(false)
      say(words.given)
    })
  const byDefault = new Set(targets.filter((one) => one.is_default).map((one) => one.id))
  const shown = chosen ?? byDefault
  return (
    <>
      <Changes detail={detail} />
      <section className="kb-act" aria-label={words.yours}>
        <h3>{words.yours}</h3>
        {own && <p className="kb-hint">{words.mayChange}</p>}
        <Checks
          legend={words.targets}
          empty={words.noTargets}
          options={targets.map((one) => ({
            id: one.id,
            name: nameIn(locale, one),
            isDisabled: !one.is_enabled,
          }))}
          chosen={shown}
          onChoose={setChosen}
        />
        <Field label={words.text} problem={isTextMissing && !text.trim() ? words.needsText : null}>
          {(attributes) => (
            <textarea
              {...attributes}
              className="input"
              rows={3}
              maxLength={1000}
              placeholder={words.textPlaceholder}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {isNone && <p className="kb-wrong">{words.chooseTarget}</p>}
        <Problem error={error} />
        <footer className="kb-actions">
          <Button
            look="primary"
            isPending={isBusy}
            isDisabled={shown.size === 0}
            onPress={() => void give('approve')}
          >
            {words.approve}
          </Button>
          <Button
            isPending={isBusy}
            onPress={() => (text.trim() ? void give('changes') : setIsTextMissing(true))}
          >
            {words.askChanges}
          </Button>
        </footer>
      </section>
    </>
  )
}

/** What readers would see instead of what they see now; all of it when they see nothing yet. */
function Changes({ detail }: { readonly detail: ArticleDetail }) {
  const { texts } = useKnowledge()
  const words = texts.review
  const { article, newest } = detail
  const live = article.visible_version
  const isSame = live === newest.version
  const before = useReading<VersionView>(
    live === null || isSame ? null : at(`articles/${article.id}/versions/${live}`),
    { isQuiet: true },
  )
  if (live === null || isSame) return <Whole version={newest} isFirst={live === null} />
  if (!before.value) return <Waiting reading={before} />
  return (
    <>
      <h3>{words.differsFromLive(live)}</h3>
      <Difference
        left={{ ...before.value, name: texts.article.version(live) }}
        right={{ ...newest, name: texts.article.version(newest.version) }}
      />
    </>
  )
}

/** What a version says besides its text. */
const facts: ReadonlySet<Told['field']> = new Set(['lang', 'audience', 'valid_from_ms', 'valid_until_ms'])

function Whole({ version, isFirst }: { readonly version: VersionView; readonly isFirst: boolean }) {
  const { texts, locale, tiers, groups } = useKnowledge()
  const { content, files } = version
  const told = toldOf(content, files, { texts, locale, tiers, groups })
  const known = new Set(files.map((one) => one.id))
  return (
    <>
      {isFirst && <p className="kb-hint">{texts.review.differsFromFirst}</p>}
      <article className="kb-whole">
        <h2>{content.title}</h2>
        <ArticleBody
          body={content.body}
          pictureUrl={(id) => (known.has(id) ? fileAddress(id) : null)}
          missing={texts.editor.pictureMissing}
        />
        {content.alternatives.length > 0 && (
          <>
            <h3>{texts.editor.alternatives}</h3>
            <ul>
              {content.alternatives.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          </>
        )}
        {files.length > 0 && (
          <>
            <h3>{texts.editor.files}</h3>
            <ul>
              {files.map((file) => (
                <li key={file.id}>
                  <a href={fileAddress(file.id)} target="_blank" rel="noopener">
                    {file.name}
                  </a>{' '}
                  <small>{fileSize(file.size_bytes, locale)}</small>
                </li>
              ))}
            </ul>
          </>
        )}
        <dl className="facts">
          {told
            .filter(({ field }) => facts.has(field))
            .map(({ field, text }) => (
              <div key={field}>
                <dt>{texts.difference.fields[field]}</dt>
                <dd>{text}</dd>
              </div>
            ))}
        </dl>
      </article>
    </>
  )
}
