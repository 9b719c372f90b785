import { isErrorCode, type Away, type ErrorCode, type Locale, type Place } from '@wecc/protocol'
import { clockTime, dayName, daysBetween, dictionary, duration, type Translate } from '@wecc/ui'

export const words = dictionary(
  {
    title: '在线客服',
    intro: '在下面写下问题就可以开始，不用登录，也不用填表。',
    close_panel: '收起',
    menu: '更多',
    help: '帮助',
    person: '找人工',
    selfservice: '自助服务',
    back_online: '已恢复连接',

    write: '请输入您的问题',
    write_active: '输入消息',
    write_waiting: '可以继续补充，客服接入后就能看到',
    write_away: '继续留言',
    send: '发送',
    send_hint: '按 Enter 发送，Shift+Enter 换行',
    attach: '添加图片或文件',
    drop_here: '松开鼠标，添加文件',
    too_long: '超出 {count} 字，请分几条发送',

    status_waiting: '正在为您安排客服',
    status_away: '已留言，等待回复',
    status_closed: '对话已结束',
    served_by: '{center} · 为您服务',

    waiting_next: '下一位就是您',
    waiting_ahead: '您前面还有 {count} 位',
    waiting_unknown: '已收到，正在为您排队',
    wait_under_minute: '预计不到 1 分钟',
    wait_about: '预计约 {low} 分钟',
    wait_range: '预计 {low}–{high} 分钟',
    waiting_nobody: '现在没有客服在线',
    waiting_nobody_more: '您的问题已经保留，客服上线后会在这里回复。您可以离开，稍后再来查看。',
    waiting_cancel: '取消等待',
    waiting_cancel_ask: '取消后将离开队列，再次咨询需要重新排队。',
    waiting_stay: '继续等待',

    leave: '留言',
    leave_offer: '不想等？留言',
    leave_ask: '改为留言后不用在这里等：内容都会保留，客服会在这里回复您。',
    leave_go: '改为留言',
    leaving: '正在转为留言…',
    leaving_held: '恢复连接后自动转为留言',
    leave_failed: '没有转为留言：{reason}',

    away_closed: '现在是非工作时间',
    away_opens: '我们将于{when} 开始服务。',
    away_opened: '我们已开始服务',
    away_nobody: '现在没有客服在线',
    away_full: '现在咨询的人很多',
    away_chosen: '已转为留言',
    away_kept: '您的留言已保存，我们会在这里回复您。您可以继续补充，也可以离开，稍后再来查看。',
    when_near: '{day} {time}',
    when_far: '{day} {time}',
    withdraw_ask: '结束后，客服将不再回复这条留言。',
    withdraw_stay: '保留留言',

    end: '结束对话',
    end_ask: '确定结束这次对话吗？',
    end_stay: '继续对话',
    mute: '关闭提示音',
    unmute: '打开提示音',
    transcript: '下载对话记录',
    closed_thanks: '感谢您的咨询，祝您生活愉快。',
    start_again: '发起新的对话',

    line_joined: '{name} 为您服务',
    line_left: '{name} 暂时离开，正在为您安排其他客服',
    line_transferred: '{name} 正在为您转接其他客服',
    line_transferred_to: '{name} 正在为您转接 {to}',
    line_identified: '已确认您的身份：{name}',
    line_closed_agent: '客服结束了对话',
    line_closed_visitor: '您结束了对话',
    line_closed_abandoned: '您取消了等待',
    line_closed_system: '对话已结束',
    line_closed_solved: '问题已解决，对话结束',
    line_closed_idle: '您有一段时间没有回应，对话已结束',
    line_handed_over: '已为您转接人工，前面说过的都在',
    line_handed_message: '已为您留言，前面说过的都在',

    log: '对话内容',
    you: '您',
    typing: '{name} 正在输入',
    earlier_loading: '正在读取更早的消息',
    earlier_failed: '更早的消息没有读取成功',
    behind: '正在补齐消息',
    new_messages: '{count} 条新消息',
    to_bottom: '回到最新消息',

    message_sending: '发送中',
    message_held: '恢复连接后自动发送',
    message_sent: '已发送',
    message_delivered: '已送达',
    message_read: '已读',
    message_failed: '未发送：{reason}',
    retry: '重试',
    discard: '删除',

    file_uploading: '正在上传 {percent}%',
    file_remove: '移除 {name}',
    file_cancel: '取消上传 {name}',
    file_download: '下载 {name}',
    image_open: '查看图片 {name}',
    image_failed: '图片没有打开，点按重试',
    image_close: '关闭图片',

    connecting: '正在连接…',
    reconnecting: '连接中断，正在重新连接',
    reconnecting_since: '连接已中断 {time}，仍在重新连接',
    offline: '网络已断开',
    kept: '您写的内容都会保留',
    face_failed: '暂时无法连接客服中心',
    face_retry: '重新连接',

    error_general: '出了点问题，请稍后再试',
    error_rate: '操作太快，请稍等一下',
    error_too_large: '文件超过 {limit}',
    error_type: '不支持这种文件',
    error_damaged: '文件已损坏，无法读取',
    error_closed: '对话已经结束',
    error_unavailable: '服务暂时繁忙，请稍后再试',
    error_connection: '网络连接中断',
    error_invalid: '内容不符合要求',
    error_identity: '未能确认您的身份',
  },
  {
    title: 'Chat with us',
    intro: 'Just write below to begin. No sign-in, no form.',
    close_panel: 'Minimise',
    menu: 'More',
    help: 'Help',
    person: 'Talk to a person',
    selfservice: 'Self-service',
    back_online: 'Connected again',

    write: 'How can we help?',
    write_active: 'Write a message',
    write_waiting: 'You can add details',
    write_away: 'Add to your message',
    send: 'Send',
    send_hint: 'Enter sends, Shift+Enter starts a new line',
    attach: 'Add a picture or file',
    drop_here: 'Drop to add the file',
    too_long: '{count} characters too long; please send it in parts',

    status_waiting: 'Finding someone for you',
    status_away: 'Message left, awaiting an answer',
    status_closed: 'Conversation ended',
    served_by: '{center} · here to help',

    waiting_next: 'You are next',
    waiting_ahead: 'People ahead of you: {count}',
    waiting_unknown: 'Received. You are in the queue',
    wait_under_minute: 'Less than a minute',
    wait_about: 'About {low} min',
    wait_range: 'About {low}–{high} min',
    waiting_nobody: 'No agent is there right now',
    waiting_nobody_more:
      'Your question is kept. We will answer here as soon as somebody is back; you may leave and return.',
    waiting_cancel: 'Stop waiting',
    waiting_cancel_ask: 'You would leave the queue and start at its end next time.',
    waiting_stay: 'Keep waiting',

    leave: 'Leave a message',
    leave_offer: 'Rather not wait? Leave a message',
    leave_ask: 'No need to stay: everything you wrote is kept, and we answer here.',
    leave_go: 'Leave a message',
    leaving: 'Turning it into a message…',
    leaving_held: 'Becomes a message once connected',
    leave_failed: 'Not turned into a message: {reason}',

    away_closed: 'We are closed right now',
    away_opens: 'We open {when}. ',
    away_opened: 'We are open again',
    away_nobody: 'No agent is there right now',
    away_full: 'Everyone is busy right now',
    away_chosen: 'You left a message',
    away_kept: 'Your message is kept and will be answered here. You may add to it, or leave and return.',
    when_near: '{day} at {time}',
    when_far: 'on {day} at {time}',
    withdraw_ask: 'Your message would then not be answered.',
    withdraw_stay: 'Keep the message',

    end: 'End conversation',
    end_ask: 'End this conversation?',
    end_stay: 'Continue',
    mute: 'Turn sound off',
    unmute: 'Turn sound on',
    transcript: 'Download transcript',
    closed_thanks: 'Thank you for talking to us. Have a good day.',
    start_again: 'Start a new conversation',

    line_joined: '{name} is here to help',
    line_left: '{name} had to leave; we are finding someone else for you',
    line_transferred: '{name} is handing you over to a colleague',
    line_transferred_to: '{name} is handing you over to {to}',
    line_identified: 'Your identity is confirmed: {name}',
    line_closed_agent: 'The agent ended the conversation',
    line_closed_visitor: 'You ended the conversation',
    line_closed_abandoned: 'You stopped waiting',
    line_closed_system: 'The conversation has ended',
    line_closed_solved: 'Solved; the conversation has ended',
    line_closed_idle: 'It was quiet for a while, so the conversation has ended',
    line_handed_over: 'We are getting a person for you, with everything you said',
    line_handed_message: 'Left as a message, with everything you said',

    log: 'Conversation',
    you: 'You',
    typing: '{name} is typing',
    earlier_loading: 'Loading earlier messages',
    earlier_failed: 'Earlier messages could not be loaded',
    behind: 'Catching up',
    new_messages: '{count} new',
    to_bottom: 'To the newest message',

    message_sending: 'Sending',
    message_held: 'Will be sent once connected',
    message_sent: 'Sent',
    message_delivered: 'Delivered',
    message_read: 'Read',
    message_failed: 'Not sent: {reason}',
    retry: 'Try again',
    discard: 'Delete',

    file_uploading: 'Uploading {percent}%',
    file_remove: 'Remove {name}',
    file_cancel: 'Cancel {name}',
    file_download: 'Download {name}',
    image_open: 'View picture {name}',
    image_failed: 'The picture did not open. Tap to try again',
    image_close: 'Close picture',

    connecting: 'Connecting…',
    reconnecting: 'Connection lost, reconnecting',
    reconnecting_since: 'Disconnected for {time}, still trying',
    offline: 'You are offline',
    kept: 'What you write is kept',
    face_failed: 'We cannot be reached right now',
    face_retry: 'Try again',

    error_general: 'Something went wrong, please try again later',
    error_rate: 'That was quick; please wait a moment',
    error_too_large: 'The file is over {limit}',
    error_type: 'This kind of file is not accepted',
    error_damaged: 'The file is damaged',
    error_closed: 'The conversation has ended',
    error_unavailable: 'We are very busy, please try again later',
    error_connection: 'The connection was lost',
    error_invalid: 'This was not accepted',
    error_identity: 'Your identity could not be confirmed',
  },
)

export type Word = keyof (typeof words)['zh-CN']
export type Words = Translate<Word>

const errorWords: Partial<Record<ErrorCode, Word>> = {
  'request.invalid': 'error_invalid',
  'request.too_large': 'error_too_large',
  'request.rate_limited': 'error_rate',
  'service.unavailable': 'error_unavailable',
  'identity.token_invalid': 'error_identity',
  'conversation.closed': 'error_closed',
  'attachment.type_refused': 'error_type',
  'attachment.damaged': 'error_damaged',
  'client.timeout': 'error_connection',
  'client.connection_lost': 'error_connection',
}

export function errorText(t: Words, code: string, limit = ''): string {
  const word = isErrorCode(code) ? errorWords[code] : undefined
  return t(word ?? 'error_general', { limit })
}

/** Where one stands, in two short lines. */
export function waitText(t: Words, place: Place | null): { readonly first: string; readonly then: string } {
  if (!place) return { first: t('waiting_unknown'), then: '' }
  if (!place.wait_s) return { first: t('waiting_nobody'), then: t('waiting_nobody_more') }
  const ahead = place.position - 1
  const low = Math.max(1, Math.floor(place.wait_s[0] / 60))
  const high = Math.ceil(place.wait_s[1] / 60)
  return {
    first: ahead > 0 ? t('waiting_ahead', { count: ahead }) : t('waiting_next'),
    then:
      place.wait_s[1] < 60
        ? t('wait_under_minute')
        : high > low
          ? t('wait_range', { low, high })
          : t('wait_about', { low }),
  }
}

/** Why nobody chats now and what becomes of the message, in two short lines. */
export function awayText(
  t: Words,
  { cause, opens_ms }: Away,
  locale: Locale,
  now_ms: number,
): { readonly first: string; readonly then: string } {
  if (cause !== 'closed' || opens_ms === null) return { first: t(`away_${cause}`), then: t('away_kept') }
  if (opens_ms <= now_ms) return { first: t('away_opened'), then: t('away_kept') }
  const when = openingTime(t, opens_ms, locale, now_ms)
  return { first: t('away_closed'), then: t('away_opens', { when }) + t('away_kept') }
}

/** `今天 08:00`, `周一 08:00`, `3月16日星期一 08:00`, by the reader's calendar. */
export function openingTime(t: Words, opens_ms: number, locale: Locale, now_ms: number): string {
  const time = clockTime(opens_ms, locale)
  const days = daysBetween(now_ms, opens_ms)
  if (days <= 1) {
    const day = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day')
    return t('when_near', { day, time })
  }
  const weekday = locale === 'en' ? 'long' : 'short'
  const day =
    days < 7
      ? new Intl.DateTimeFormat(locale, { weekday }).format(opens_ms)
      : dayName(opens_ms, locale, now_ms)
  return t('when_far', { day, time })
}

export const lostFor = (t: Words, since_ms: number, now_ms: number): string =>
  now_ms - since_ms < 20_000
    ? t('reconnecting')
    : t('reconnecting_since', { time: duration(now_ms - since_ms) })
