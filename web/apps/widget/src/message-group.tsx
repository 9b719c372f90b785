import type { AttachmentView, Marks } from '@wecc/protocol'
import { clockTime } from '@wecc/ui'
import { Fragment } from 'preact'

import { FileCard, Picture } from './attachment'
import { Icon, type Shape } from './icons'
import { usePanel } from './panel-context'
import { RichText } from './rich-text'
import type { Bubble, Row } from './rows'
import { errorText, type Word } from './words'

export type OpenPicture = (attachment: AttachmentView, url: string) => void

interface Props {
  readonly group: Extract<Row, { type: 'group' }>
  readonly marks: Marks | null
  readonly isOnline: boolean
  /** The newest of the visitor's own: only there the state is spelled out. */
  readonly isNewestOwn: boolean
  /** The step that waits for an answer. */
  readonly openSeq: number | null
  readonly onOpenPicture: OpenPicture
}

export const Avatar = ({ name }: { name: string }) => (
  <span class="avatar" aria-hidden="true">
    {[...name.trim()].at(/^[\p{ASCII}]/u.test(name) ? 0 : -1)?.toUpperCase() ?? '·'}
  </span>
)

/** Of self-service: never taken for a person. */
export const GuideMark = () => (
  <span class="avatar guide">
    <Icon shape="guide" />
  </span>
)

export function MessageGroup({ group, marks, isOnline, isNewestOwn, openSeq, onOpenPicture }: Props) {
  const { t, locale, later } = usePanel()
  const { by, bubbles } = group
  const isOwn = by === 'visitor'
  const name = by === 'flow' ? t('selfservice') : group.name
  const last = bubbles.at(-1)!
  return (
    <div class={`group ${isOwn ? 'own' : 'theirs'}`}>
      {by === 'flow' ? <GuideMark /> : !isOwn && <Avatar name={name} />}
      <div class="group-body">
        <div class={isOwn ? 'visually-hidden' : 'group-head'}>
          <span class="group-name">{isOwn ? t('you') : name}</span>
          <time dateTime={new Date(bubbles[0]!.at_ms).toISOString()}>
            {clockTime(bubbles[0]!.at_ms, locale)}
          </time>
        </div>
        {bubbles.map((bubble) => (
          <Fragment key={bubble.key}>
            <BubbleNode bubble={bubble} onOpenPicture={onOpenPicture} />
            {bubble.step && later && <later.Answers step={bubble.step} isOpen={bubble.seq === openSeq} />}
          </Fragment>
        ))}
        {isOwn && last.state !== 'failed' && (
          <div class="group-foot">
            <time dateTime={new Date(last.at_ms).toISOString()}>{clockTime(last.at_ms, locale)}</time>
            <Progress bubble={last} marks={marks} isOnline={isOnline} isSpelled={isNewestOwn} />
          </div>
        )}
      </div>
    </div>
  )
}

function BubbleNode({ bubble, onOpenPicture }: { bubble: Bubble; onOpenPicture: OpenPicture }) {
  const { session, t } = usePanel()
  const { key, text, attachments, fields, state, error } = bubble
  return (
    <div class={`bubble-line ${state}`}>
      {attachments.map((attachment) =>
        attachment.is_image ? (
          <Picture
            key={attachment.id}
            attachment={attachment}
            onOpen={(url) => onOpenPicture(attachment, url)}
          />
        ) : (
          <FileCard key={attachment.id} attachment={attachment} />
        ),
      )}
      {text && (
        <div class="bubble">
          <RichText text={text} />
        </div>
      )}
      {fields && (
        <dl class="bubble filled">
          {fields.map(({ label, value }) => (
            <>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </>
          ))}
        </dl>
      )}
      {state === 'failed' && (
        <div class="failed" role="alert">
          <Icon shape="alert" />
          <span>{t('message_failed', { reason: errorText(t, error?.code ?? '') })}</span>
          <button type="button" class="link" onClick={() => session.outbox.retry(key)}>
            {t('retry')}
          </button>
          <button type="button" class="link quiet" onClick={() => session.outbox.discard(key)}>
            {t('discard')}
          </button>
        </div>
      )}
    </div>
  )
}

type Step = readonly [shape: Shape, word: Word, isRead?: boolean]

function stepOf({ state, seq }: Bubble, marks: Marks | null, isOnline: boolean): Step {
  if (state === 'sending') return isOnline ? ['clock', 'message_sending'] : ['clock', 'message_held']
  if (seq !== null && marks) {
    if (seq <= marks.agent_read_seq) return ['checks', 'message_read', true]
    if (seq <= marks.agent_delivered_seq) return ['checks', 'message_delivered']
  }
  return ['check', 'message_sent']
}

function Progress(props: { bubble: Bubble; marks: Marks | null; isOnline: boolean; isSpelled: boolean }) {
  const { t } = usePanel()
  const [shape, word, isRead] = stepOf(props.bubble, props.marks, props.isOnline)
  return (
    <span class={`progress ${isRead ? 'read' : ''}`}>
      <Icon shape={shape} />
      <span class={props.isSpelled ? '' : 'visually-hidden'}>{t(word)}</span>
    </span>
  )
}
