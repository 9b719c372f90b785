/** What `about` is about, and in brackets behind it what would be possible. */
export const parted = (about: string): readonly [thing: string, possible: string] => {
  const [, thing = about, possible = ''] = /^(.*?)(?: \((.*)\))?$/s.exec(about) ?? []
  return [thing, possible]
}

/** What is wrong in a flow, by the check's codes; `about` is its thing. */
export const codesZh: Readonly<Record<string, (about: string) => string>> = {
  'yaml.syntax': () => '不是正确的 YAML，请看这一行的标点和引号',
  'yaml.tab': () => '缩进不能用制表符（Tab），请改成空格',
  'yaml.indent': () => '这里对不上：看这一行的缩进是否和同级的对齐，有没有多余的括号或引号',
  'yaml.colon': (about) =>
    about.startsWith('-')
      ? `“${about}”：短横“-”后面要有空格`
      : `“${about}”这一行少了冒号；冒号要用英文的“:”，后面加空格`,
  'yaml.bracket': () =>
    '从这里起少了逗号或右括号：逗号、括号要用英文的；文字里有 , : # 或括号时，整段加引号',
  'yaml.quote': () => '引号没有配对，或文字里有 : # @ * % 这样的符号却没加引号',
  'yaml.character': () => '这里有看不见的控制字符，请删掉',
  'yaml.empty': () => '没有内容',
  'yaml.documents': () => '只能有一个 YAML 文档',
  'yaml.depth': () => '嵌套太深',
  'yaml.key': () => '键必须是文字',
  'yaml.alias': () => '不能用锚点和引用（& 和 *）',
  'yaml.tag': () => '不能用标签（!）',
  'key.unknown': (about) => {
    const [key, near] = parted(about)
    if (/[:：]/.test(key)) return `“${key}”：冒号要用英文的“:”，后面加空格`
    return near ? `没有“${key}”这个键，是不是 ${near.replace('?', '')}？` : `没有“${key}”这个键`
  },
  'key.duplicate': (about) => `“${about}”写了两次`,
  'key.missing': (about) => {
    const [node, key] = about.split(': ')
    return key ? `“${node}”里缺少 ${key}` : `缺少“${about}”`
  },
  'type.mapping': () => '这里应该是键和值',
  'type.list': () => '这里应该是列表',
  'type.text': () => '这里应该是文字',
  'type.number': (about) => `“${about}”应该是整数`,
  'type.flag': (about) => `“${about}”应该是 true 或 false`,
  'value.unknown': (about) => {
    const [value, known] = parted(about)
    return known ? `不能是“${value}”，可以是：${known}` : `只能是 ${value}`
  },
  'value.range': (about) => `应在 ${about} 之间`,
  'list.empty': () => '列表是空的',
  'list.long': (about) => `太多，最多 ${about} 个`,
  'name.invalid': (about) => `“${about}”不能作名称：只用小写字母、数字和下划线`,
  'name.reserved': (about) => `“${about}”是保留名称`,
  'code.other': (about) => `代码应该是“${about}”`,
  'words.missing': (about) => `缺少${about === 'zh' ? '中文' : about === 'en' ? '英文' : about}`,
  'text.empty': () => '文字是空的',
  'text.long': (about) => `文字太长，最多 ${about} 个字`,
  'text.placeholder': (about) => `没有“${about}”这个占位，可用 {name} 和 {center}`,
  'start.ends': (about) => `从“${about}”开始就结束了，客户什么也做不了`,
  'target.missing': (about) => `没有“${about}”这个节点`,
  'loop.automatic': (about) => `“${about}”绕了一圈又回到自己，中间不等客户回答`,
  'node.kind': (about) => {
    const [node, kinds] = parted(about)
    return `“${node}”要有且只有其中一种：${kinds}`
  },
  'node.unreachable': (about) => `走不到“${about}”`,
  'node.dead_end': (about) => `从“${about}”走不到人工、答案或结束`,
  'once.where': (about) => `“${about}”有 once，但没有 go`,
  'option.where': (about) => `选项要有且只有其中一个：${about}`,
  'option.duplicate': (about) => `选项“${about}”重复，请另给一个 id`,
  'option.key_taken': (about) => `按键 ${about} 已被占用`,
  'key.digit': (about) => `“${about}”不能作按键，请用 1 到 9 的数字`,
  'field.duplicate': (about) => `字段“${about}”重复`,
  'field.options': (about) => `字段“${about}”不是选择，不能有选项`,
  'field.bounds': (about) => `字段“${about}”的 least 不能大于 most，且只有数字字段能写`,
  'tier.unknown': (about) => {
    const [tier, known] = parted(about)
    return `没有“${tier}”这个客户群，可用：${known}`
  },
  'tier.duplicate': (about) => `客户群“${about}”写了两次`,
  'tier.taken': (about) => {
    const [tier, flow] = parted(about)
    return `客户群“${tier}”已由流程 ${flow} 接待，先从那里去掉它`
  },
  'uses.missing': (about) => `没有公共流程“${about}”`,
  'uses.loop': () => '流程不能使用自己',
  'uses.nested': (about) => `“${about}”自己又使用了别的流程`,
  'uses.not_shared': (about) => `“${about}”接待客户，不能当公共节点用`,
  'uses.broken': (about) => `公共流程有错：${about}`,
  'users.broken': (about) => `使用它的流程会因此出错：${about}`,
  'source.long': (about) => `内容太长，最多 ${about} 个字；从这一行起的放不下`,
  'flows.many': (about) => `最多 ${about} 个流程`,
}

/** The words of the code editor itself. */
export const phrasesZh: Readonly<Record<string, string>> = {
  Find: '查找',
  Replace: '替换为',
  next: '下一个',
  previous: '上一个',
  all: '全选',
  'match case': '区分大小写',
  regexp: '正则表达式',
  'by word': '全字匹配',
  replace: '替换',
  'replace all': '全部替换',
  close: '关闭',
  'current match': '当前匹配',
  'on line': '行',
  'replaced match on line $': '已替换第 $ 行',
  'replaced $ matches': '已替换 $ 处',
  'Go to line': '转到行',
  go: '转到',
  Completions: '补全',
  'Fold line': '折叠',
  'Unfold line': '展开',
  'Folded lines': '已折叠的行',
  'Unfolded lines': '已展开的行',
  'folded code': '已折叠的内容',
  unfold: '展开',
  to: '到',
  Diagnostics: '问题',
  'No diagnostics': '没有问题',
  'Control character': '控制字符',
  'Selection deleted': '已删除选中内容',
}
