import './thread.css'

import { type DragEvent, useEffect, useState } from 'react'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useWorkplace } from '../desk/context'
import type { Thread } from '../desk/thread'
import { useTexts } from '../texts'
import { useStore } from '../use-store'
import { Composer } from './composer'
import { LogView } from './log-view'
import { replyHindrance } from './may'
import { ThreadHeader } from './thread-header'
import { TakeButton } from './take-button'

export interface ThreadPaneProps {
  readonly id: string
  readonly onTransfer: () => void
  readonly onCustomer: () => void
  readonly isCustomerShown: boolean
}

export function ThreadPane({ id, ...header }: ThreadPaneProps) {
  const workplace = useWorkplace()
  useEffect(() => workplace.show(id), [workplace, id])
  const thread = useStore(workplace.threads, (threads) => threads.get(id))
  return thread ? <OpenThread thread={thread} {...header} /> : <main className="thread-pane" />
}

function OpenThread({ thread, ...header }: Omit<ThreadPaneProps, 'id'> & { readonly thread: Thread }) {
  const texts = useTexts()
  const { id } = thread
  const { conversation: opened, customer, error } = useStore(thread)
  const row = useDesk((desk) => desk.conversations.get(id))
  const me = useDesk((desk) => desk.me)
  const [isDragging, setIsDragging] = useState(false)
  const conversation = opened ?? row ?? null

  if (!conversation)
    return (
      <main className="thread-pane thread-state">
        {error ? (
          <>
            <p className="problem">
              {texts.thread.failed} {errorText(error, texts)}
            </p>
            <Button onPress={() => void thread.open()}>{texts.retry}</Button>
          </>
        ) : (
          <Loading />
        )}
      </main>
    )

  const isMine = conversation.agent?.id === me.id && conversation.status === 'active'
  const mayReply = replyHindrance(conversation, me, texts) === null
  const dragging = (event: DragEvent) => {
    if (!mayReply || !event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setIsDragging(true)
  }
  const dropped = (event: DragEvent) => {
    if (!mayReply) return
    event.preventDefault()
    setIsDragging(false)
    for (const file of event.dataTransfer.files) thread.uploads.add(file)
  }

  return (
    <main
      className="thread-pane thread"
      onDragOver={dragging}
      onDragLeave={(event) =>
        event.currentTarget.contains(event.relatedTarget as Node | null) || setIsDragging(false)
      }
      onDrop={dropped}
    >
      <ThreadHeader conversation={conversation} log={thread.log} {...header} />
      {customer ? (
        <LogView thread={thread} isLive={isMine} />
      ) : (
        <div className="thread-state">
          {error ? (
            <>
              <p className="problem">{errorText(error, texts)}</p>
              <Button onPress={() => void thread.open()}>{texts.retry}</Button>
            </>
          ) : (
            <Loading />
          )}
        </div>
      )}
      <Composer
        thread={thread}
        conversation={conversation}
        remedy={conversation.status === 'waiting' && <TakeButton id={id} />}
      />
      {isDragging && <p className="thread-drop">{texts.composer.drop}</p>}
    </main>
  )
}

function Loading() {
  const { thread } = useTexts()
  return (
    <div className="thread-skeleton" role="status" aria-label={thread.loading}>
      {[240, 320, 180].map((width_px, at) => (
        <i key={at} className="skeleton" style={{ width: `${width_px}px` }} />
      ))}
    </div>
  )
}

export function EmptyThread() {
  const { thread } = useTexts()
  return (
    <main className="thread-pane thread-state">
      <p className="thread-none">{thread.none}</p>
      <p>{thread.noneHint}</p>
    </main>
  )
}
