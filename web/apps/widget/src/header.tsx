import { useEffect, useRef, useState } from 'preact/hooks'

import { Icon, type Shape } from './icons'
import { Avatar } from './message-group'
import { usePanel } from './panel-context'
import type { Ask } from './standing'
import { useStore } from './use-store'

export function Header({ onAsk }: { onAsk: (ask: Ask) => void }) {
  const { session, host, t, locale } = usePanel()
  const { face, conversation } = useStore(session)
  const { isFloating } = useStore(host)
  const center = (locale === 'en' ? face?.name_en : face?.name_zh) ?? t('title')
  const agent = conversation?.status === 'active' ? conversation.agent : null
  const status =
    conversation?.status === 'guided'
      ? t('selfservice')
      : conversation?.status === 'waiting'
      ? t(conversation.away ? 'status_away' : 'status_waiting')
      : conversation?.status === 'closed'
        ? t('status_closed')
        : agent
          ? t('served_by', { center })
          : null

  return (
    <header class="header">
      {agent ? <Avatar name={agent.name} /> : <Mark />}
      <div class="header-text">
        <h1>{agent?.name ?? center}</h1>
        {status && <p>{status}</p>}
      </div>
      <Menu onAsk={onAsk} />
      {isFloating && (
        <button
          type="button"
          class="round"
          aria-label={t('close_panel')}
          onClick={() => host.tell({ type: 'leave' })}
        >
          <Icon shape="minimise" />
        </button>
      )}
    </header>
  )
}

const Mark = () => (
  <span class="avatar mark" aria-hidden="true">
    <svg viewBox="0 0 24 24">
      <path d="M6 7.5h12v8h-6L8.5 18.5v-3H6z" />
    </svg>
  </span>
)

function Menu({ onAsk }: { onAsk: (ask: Ask) => void }) {
  const { session, t, openHelp } = usePanel()
  const { conversation, isMuted } = useStore(session)
  const status = conversation?.status
  const isLeaving = useStore(session.leaving).length > 0
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!isOpen) return
    list.current?.querySelector('button')?.focus()
    const outside = ({ target }: Event) => {
      if (!list.current?.contains(target as Node) && !button.current?.contains(target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [isOpen])

  const close = () => {
    setOpen(false)
    button.current?.focus()
  }

  const move = (event: KeyboardEvent) => {
    const items = [...list.current!.querySelectorAll('button')]
    const at = items.indexOf(document.activeElement as HTMLButtonElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      items[(to + items.length) % items.length]?.focus()
    } else if (event.key === 'Escape') {
      event.stopPropagation()
      close()
    } else if (event.key === 'Tab') setOpen(false)
  }

  const item = (shape: Shape, text: string, run: () => unknown) => (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      onClick={() => {
        close()
        run()
      }}
    >
      <Icon shape={shape} />
      {text}
    </button>
  )

  return (
    <div class="menu">
      <button
        ref={button}
        type="button"
        class="round"
        aria-label={t('menu')}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon shape="more" />
      </button>
      {isOpen && (
        <div ref={list} class="menu-list" role="menu" onKeyDown={move}>
          {(!conversation || status === 'guided') &&
            item('person', t('person'), () => session.askPerson(t('person')))}
          {item('help', t('help'), () => openHelp())}
          {item(isMuted ? 'sound' : 'muted', isMuted ? t('unmute') : t('mute'), () => session.mute(!isMuted))}
          {conversation &&
            item('download', t('transcript'), () => session.downloadTranscript().catch(() => {}))}
          {status === 'waiting' &&
            !conversation?.away &&
            !isLeaving &&
            item('message', t('leave'), () => onAsk('leave'))}
          {conversation?.away && item('end', t('end'), () => onAsk('withdraw'))}
          {(status === 'active' || status === 'guided') && item('end', t('end'), () => onAsk('end'))}
        </div>
      )}
    </div>
  )
}
