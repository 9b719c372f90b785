import type { ConversationSummary, TierView } from '@wecc/protocol'

/** Made-up rows for tests. */
export const row = (id: string, change: Partial<ConversationSummary> = {}): ConversationSummary => ({
  id,
  status: 'active',
  channel: 'chat',
  visitor: { id: `v-${id}`, name: '张伟', is_verified: true, customer_id: '1', tier: 'vip' },
  tier: 'vip',
  agent: { id: 'me', name: '林晓雯' },
  started_ms: 1_000,
  changed_ms: 1_000,
  waiting_since_ms: null,
  unanswered_since_ms: null,
  closed_ms: null,
  locale: 'zh-CN',
  preview: null,
  last_seq: 1,
  last_message_seq: 1,
  marks: { visitor_delivered_seq: 0, visitor_read_seq: 0, agent_delivered_seq: 0, agent_read_seq: 0 },
  is_message: false,
  is_wrap_up: false,
  wrap_up_until_ms: null,
  ...change,
})

export const waiting = (id: string, waiting_since_ms: number, change: Partial<ConversationSummary> = {}) =>
  row(id, { status: 'waiting', agent: null, waiting_since_ms, ...change })

export const tier = (code: string, chat_threshold_s: number): TierView => ({
  code,
  name_zh: '全球通VIP',
  name_en: 'GoTone VIP',
  rank: 90,
  is_subordinate: false,
  chat_threshold_s,
  chat_target_percent: 95,
})
