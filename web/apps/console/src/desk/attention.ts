import { duration, plainText, relativeTime } from '@wecc/ui'

import { preferences } from '../preferences'
import { texts } from '../texts'
import { clock } from './clock'
import { isMine } from './order'
import { tierName } from './reason'
import { chimeMessage, ring, sound } from './sound'
import type { OfferCard } from './state'
import type { Workplace } from './workplace'

const ICON = '/static/console/icon.svg'
const ICON_ALERT = '/static/console/icon-alert.svg'

/**
 * Calls an agent who looks elsewhere: a repeating sound and a desktop notification for offers, a soft tick for
 * messages, the tab's title and icon for both. Returns the end of it.
 */
export function watchAttention(workplace: Workplace, show: (conversationId: string) => void): () => void {
  const notified = new Map<string, Notification>()
  let isBlink = false

  const live = (): readonly OfferCard[] =>
    workplace.desk.getSnapshot().offers.filter((card) => card.gone === null)
  const words = () => texts[preferences.getSnapshot().locale]

  const offers = () => {
    const cards = live()
    ring(cards.some((card) => card.doing === null))
    const keys = new Set(cards.map(({ offer }) => `${offer.conversation.id}:${offer.version}`))
    for (const [key, notification] of notified)
      if (!keys.has(key)) {
        notification.close()
        notified.delete(key)
      }
    for (const { offer } of cards) {
      const key = `${offer.conversation.id}:${offer.version}`
      if (notified.has(key) || !document.hidden) continue
      const { conversation } = offer
      const { locale } = preferences.getSnapshot()
      const tier = tierName(workplace.desk.getSnapshot().tiers, conversation.tier, locale)
      const since_ms = conversation.waiting_since_ms ?? conversation.started_ms
      const age = conversation.is_message
        ? relativeTime(since_ms, locale, clock.now_ms)
        : words().list.waited(duration(clock.now_ms - since_ms))
      const name = conversation.visitor.name || words().list.anonymous
      const made = notify(`${words().offer.kind(conversation.is_message)}：${name}`, `${tier} · ${age}`, key, () =>
        show(conversation.id),
      )
      if (made) notified.set(key, made)
    }
    title()
  }

  const title = () => {
    const { locale } = preferences.getSnapshot()
    const [first] = live()
    const unread = unreadCount(workplace)
    isBlink = first !== undefined && !isBlink
    document.title = isBlink
      ? `● ${words().offer.kind(first!.offer.conversation.is_message)} · ${first!.offer.conversation.visitor.name || texts[locale].list.anonymous}`
      : `${unread ? `(${unread}) ` : ''}${texts[locale].product} · WECC`
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    const href = first || unread ? ICON_ALERT : ICON
    if (icon && icon.getAttribute('href') !== href) icon.setAttribute('href', href)
  }

  workplace.attention = {
    message(conversationId, event) {
      const row = workplace.desk.getSnapshot().conversations.get(conversationId)
      if (!row || !isMine(row, workplace.session.agent.id)) return
      if (!document.hidden && document.hasFocus() && location.hash.endsWith(conversationId)) return
      chimeMessage()
      if (document.hidden) {
        const text = plainText(event.body.text) || words().list.file
        notify(row.visitor.name || words().list.anonymous, text.slice(0, 120), conversationId, () =>
          show(conversationId),
        )
      }
    },
  }

  const wake = () => {
    if (!sound.getSnapshot()) sound.wake()
  }
  if (navigator.userActivation?.hasBeenActive) wake()
  document.addEventListener('visibilitychange', offers) // an offer that is still up when one looks away
  document.addEventListener('pointerdown', wake)
  document.addEventListener('keydown', wake)
  const ends = [
    workplace.desk.subscribe(offers),
    clock.subscribe(title),
    preferences.subscribe(title),
    () => document.removeEventListener('visibilitychange', offers),
    () => document.removeEventListener('pointerdown', wake),
    () => document.removeEventListener('keydown', wake),
    () => ring(false),
    () => notified.forEach((notification) => notification.close()),
  ]
  offers()
  return () => ends.forEach((end) => end())
}

/** One's own conversations in which the visitor wrote something not yet read. */
export function unreadCount(workplace: Workplace): number {
  const { conversations, me } = workplace.desk.getSnapshot()
  let count = 0
  for (const one of conversations.values())
    if (
      isMine(one, me.id) &&
      one.preview?.sender_kind === 'visitor' &&
      one.last_message_seq > one.marks.agent_read_seq
    )
      count += 1
  return count
}

function notify(title: string, body: string, tag: string, onClick: () => void): Notification | null {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return null
  try {
    const notification = new Notification(title, { body, tag, icon: ICON })
    notification.onclick = () => {
      window.focus()
      onClick()
      notification.close()
    }
    return notification
  } catch {
    return null // some mobile browsers have the name and not the thing
  }
}
