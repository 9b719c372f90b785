import { dictionary, translator, type Translate } from '@wecc/ui'

import { usePanel } from './panel-context'

/** Words of what is loaded later. */
export const laterWords = dictionary(
  {
    options: '可选项',
    articles: '相关文章',
    article_open: '查看全文',
    form_send: '提交',
    form_choose: '请选择',
    form_optional: '选填',
    flaw_required: '请填写这一项',
    flaw_too_long: '不能超过 {max} 字',
    flaw_not_phone: '请填写完整的电话号码，如 138 0013 8000',
    flaw_not_number: '请填写数字',
    flaw_too_small: '这个数太小了，请检查',
    flaw_too_large: '这个数太大了，请检查',
    flaw_not_date: '请选择日期',
    flaw_not_choice: '请选择其中一项',
    flaw_unknown: '请检查这一项',

    working: '正在为您查找',
    working_long: '比平时慢一些，仍在为您查找。',
    working_person: '也可以直接找人工',

    help_browse: '浏览帮助',
    help_back: '返回对话',
    help_loading: '正在打开帮助',

    contact: '手机号或邮箱（选填）',
    contact_why: '离开后也能联系到您',
    contact_save: '提交',
    contact_saving: '正在保存 {contact}',
    contact_held: '{contact}，恢复连接后自动提交',
    contact_left: '可以联系到您：{contact}',
    contact_known: '已留下联系方式',
    contact_change: '修改',
    contact_cancel: '取消',
    contact_unknown: '请填写手机号（如 138 0013 8000）或邮箱（如 name@example.com）',
    contact_mobile: '手机号应为 11 位，现在是 {digits} 位',
    contact_failed: '{contact} 没有保存：{reason}',
  },
  {
    options: 'Choices',
    articles: 'Articles',
    article_open: 'Read it all',
    form_send: 'Send',
    form_choose: 'Please choose',
    form_optional: 'optional',
    flaw_required: 'Please fill this in',
    flaw_too_long: 'At most {max} characters',
    flaw_not_phone: 'Please enter the whole phone number, for example 138 0013 8000',
    flaw_not_number: 'Please enter a number',
    flaw_too_small: 'This number is too small, please check it',
    flaw_too_large: 'This number is too large, please check it',
    flaw_not_date: 'Please choose a date',
    flaw_not_choice: 'Please choose one of them',
    flaw_unknown: 'Please check this one',

    working: 'Looking it up',
    working_long: 'This takes longer than usual; still looking.',
    working_person: 'Talk to a person instead',

    help_browse: 'Browse help',
    help_back: 'Back to the chat',
    help_loading: 'Opening help',

    contact: 'Phone or email (optional)',
    contact_why: 'so that we can reach you',
    contact_save: 'Save',
    contact_saving: 'Saving {contact}',
    contact_held: '{contact} will be saved once connected',
    contact_left: 'We can reach you: {contact}',
    contact_known: 'We know how to reach you',
    contact_change: 'Change',
    contact_cancel: 'Cancel',
    contact_unknown: 'Please enter a phone number (138 0013 8000) or an email address (name@example.com)',
    contact_mobile: 'A mobile number has 11 digits, this one has {digits}',
    contact_failed: '{contact} was not saved: {reason}',
  },
)

export type LaterWords = Translate<keyof (typeof laterWords)['zh-CN']>

export const useLaterWords = (): LaterWords => translator(laterWords, usePanel().locale)
