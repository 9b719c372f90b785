import { expect, it } from 'vitest'

import { changesBetween } from './changes'
import { fieldsOf, type Leaf, patched, without } from './fields'
import { merge } from './merge'
import { agents, plan, tiers } from './samples'
import { planTexts } from './texts'
import { fieldPlace, namesOf, problemText, roundSpan, sentence, tell, tellConflict } from './words'

const texts = planTexts['zh-CN']
const base = fieldsOf(plan, agents)
const edited = (...entries: [string, Leaf | undefined][]) => patched(base, new Map(entries), base)
const namesIn = (draft = base) =>
  namesOf(
    draft,
    base,
    new Map(agents.map(({ agent }) => [agent.id, agent.name])),
    new Map(tiers.map((one) => [one.code, one])),
    'zh-CN',
  )
const told = (draft: typeof base) =>
  changesBetween(base, draft).map((change) => sentence(tell(change, namesIn(draft), texts), texts))

it.each<[string, [string, Leaf | undefined], string]>([
  ['a policy', ['policy', 'fifo'], '策略 差距优先 → 先来先接'],
  ['a switch', ['favours_high_target_when_met', true], '全部达标时目标高者优先 关 → 开'],
  ['a target', ['tiers.vip.targets.chat.threshold_s', 12], '全球通VIP · 文字：时限 15 秒 → 12 秒'],
  ['a limit', ['tiers.vip.max_waiting', 40], '全球通VIP：排队上限 不限 → 40'],
  ['hours', ['tiers.vip.hours', 'office'], '全球通VIP：服务时间 全天 → 工作时间'],
  ['a tier of a group', ['groups.key.tiers.szx', true], '大客户座席群 · 神州行：立即服务 不服务 → 服务'],
  [
    'a wait',
    ['groups.key.widened.signed', undefined],
    '大客户座席群 · 普通签约客户：等待后服务 40 秒 → 不服务',
  ],
  ['a membership', ['members.a1.groups.mass', 3], '李晓雯：大众客户座席群 不在群里 → 3 级'],
  ['a day', ['hours.office.week.6', '09:00–12:00'], '工作时间 · 周六：服务时间 休息 → 09:00–12:00'],
  ['an overflow', ['groups.key.overflow.after_s', null], '大客户座席群：等待超过 60 秒 → 无'],
])('tells of %s', (_, entry, text) => expect(told(edited(entry))).toEqual([text]))

it('tells of parts that come and go, by the name they had', () => {
  expect(told(patched(base, without(base, 'hours.office'), base))).toEqual(['工作时间：删除服务时间'])
  expect(told(patched(base, without(base, 'groups.key.overflow'), base))).toEqual(['大客户座席群：删除溢出'])
  expect(told(edited(['tiers.vip.targets.voice.target_percent', 90]))).toEqual(['全球通VIP · 语音：新增承诺'])
})

it('tells once of many agents', () => {
  const draft = edited(...['a1', 'a2', 'a3'].map((id): [string, Leaf] => [`members.${id}.capacity`, 8]))
  expect(told(draft)).toEqual(['李晓雯、陈思远：同时服务 5 → 8', '王建国：同时服务 4 → 8'])
})

it('tells what each side of a conflict would make of it', () => {
  const numbers = merge(base, edited(['wrap_up_s', 10]), edited(['wrap_up_s', 45])).conflicts[0]!
  expect(tellConflict(numbers, namesIn(), texts)).toEqual({
    where: '',
    what: '会话后整理',
    mine: '10 秒',
    theirs: '45 秒',
  })
  const removed = patched(base, without(base, 'groups.key.overflow'), base)
  const parts = merge(base, removed, edited(['groups.key.overflow.after_s', 30])).conflicts[0]!
  expect(tellConflict(parts, namesIn(), texts)).toMatchObject({ what: '溢出', mine: '删除', theirs: '保留' })
  const set = merge(
    base,
    edited(['groups.key.widened.signed', 10]),
    edited(['groups.key.widened.signed', undefined]),
  )
  expect(tellConflict(set.conflicts[0]!, namesIn(), texts)).toMatchObject({ mine: '10 秒', theirs: '不服务' })
})

it.each([
  [{ path: 'groups.key.tiers', code: 'missing', about: '' }, '大客户座席群', '至少服务一个客户群'],
  [{ path: 'tiers.vip', code: 'unserved', about: 'vip' }, '全球通VIP', '没有座席群服务这个客户群'],
  [
    { path: 'groups.key.overflow', code: 'cycle', about: 'mass' },
    '大客户座席群',
    '大众客户座席群最终又溢出回来',
  ],
  [{ path: 'tiers.vip.targets.message', code: 'missing', about: 'message' }, '全球通VIP · 留言', '缺少留言'],
] as const)('says where and what: %o', (problem, where, what) => {
  expect(fieldPlace(problem.path, namesIn(), texts)).toContain(where)
  expect(problemText(problem, namesIn(), texts)).toContain(what)
})

it.each([
  [30, ''],
  [120, '2 分钟'],
  [14_400, '4 小时'],
  [5_400, '1.5 小时'],
  [172_800, '2 天'],
  [100, ''],
])('%i s in a larger unit', (span_s, text) => expect(roundSpan(span_s, texts)).toBe(text))
