import { type codesZh, parted } from './language-zh'

export const codesEn: typeof codesZh = {
  'yaml.syntax': () => 'This is not YAML: look at the punctuation and quotes of this line',
  'yaml.tab': () => 'Tabs cannot indent; use spaces',
  'yaml.indent': () =>
    'This does not fit: is the line indented like its siblings, is a bracket or quote too many?',
  'yaml.colon': (about) =>
    about.startsWith('-')
      ? `“${about}”: there is a space behind “-”`
      : `“${about}” has no colon; it is “:” with a space behind it, not “：”`,
  'yaml.bracket': () =>
    'From here on a comma or a closing bracket is missing; a text with , : # or brackets in it needs quotes',
  'yaml.quote': () => 'A quote is not closed, or a text with : # @ * or % in it has no quotes',
  'yaml.character': () => 'There is an invisible control character here; delete it',
  'yaml.empty': () => 'There is nothing in it',
  'yaml.documents': () => 'Only one YAML document is possible',
  'yaml.depth': () => 'Nested too deep',
  'yaml.key': () => 'Keys are texts',
  'yaml.alias': () => 'Anchors and aliases (& and *) are not possible',
  'yaml.tag': () => 'Tags (!) are not possible',
  'key.unknown': (about) => {
    const [key, near] = parted(about)
    if (/[:：]/.test(key)) return `“${key}”: there is a space behind the colon, and it is “:”`
    return near ? `There is no key “${key}”; did you mean ${near}` : `There is no key “${key}”`
  },
  'key.duplicate': (about) => `“${about}” stands here twice`,
  'key.missing': (about) => {
    const [node, key] = about.split(': ')
    return key ? `“${node}” has no ${key}` : `“${about}” is missing`
  },
  'type.mapping': () => 'Keys and values are expected here',
  'type.list': () => 'A list is expected here',
  'type.text': () => 'A text is expected here',
  'type.number': (about) => `“${about}” should be a whole number`,
  'type.flag': (about) => `“${about}” should be true or false`,
  'value.unknown': (about) => {
    const [value, known] = parted(about)
    return known ? `This cannot be “${value}”, but one of: ${known}` : `This can only be ${value}`
  },
  'value.range': (about) => `Should be within ${about}`,
  'list.empty': () => 'The list is empty',
  'list.long': (about) => `Too many: ${about} at most`,
  'name.invalid': (about) => `“${about}” cannot be a name: small letters, digits and _ only`,
  'name.reserved': (about) => `“${about}” is a reserved name`,
  'code.other': (about) => `The code should be “${about}”`,
  'words.missing': (about) =>
    about === 'zh'
      ? 'The Chinese is missing'
      : about === 'en'
        ? 'The English is missing'
        : `${about} is missing`,
  'text.empty': () => 'The text is empty',
  'text.long': (about) => `The text is too long: ${about} characters at most`,
  'text.placeholder': (about) => `There is no placeholder “${about}”; there are {name} and {center}`,
  'start.ends': (about) => `From “${about}” on it ends at once; customers can do nothing`,
  'target.missing': (about) => `There is no node “${about}”`,
  'loop.automatic': (about) => `“${about}” leads back to itself without waiting for an answer`,
  'node.kind': (about) => {
    const [node, kinds] = parted(about)
    return `“${node}” needs exactly one of: ${kinds}`
  },
  'node.unreachable': (about) => `Nothing leads to “${about}”`,
  'node.dead_end': (about) => `From “${about}” no choice leads to a person, an answer or an end`,
  'once.where': (about) => `“${about}” has once but no go`,
  'option.where': (about) => `An option needs exactly one of: ${about}`,
  'option.duplicate': (about) => `Option “${about}” stands here twice; give it an id of its own`,
  'option.key_taken': (about) => `Key ${about} is taken`,
  'key.digit': (about) => `“${about}” cannot be a key; use a digit from 1 to 9`,
  'field.duplicate': (about) => `Field “${about}” stands here twice`,
  'field.options': (about) => `Field “${about}” is no choice and cannot have options`,
  'field.bounds': (about) => `Field “${about}”: least is above most, or the field is no number`,
  'tier.unknown': (about) => {
    const [tier, known] = parted(about)
    return `There is no tier “${tier}”; there are: ${known}`
  },
  'tier.duplicate': (about) => `Tier “${about}” stands here twice`,
  'tier.taken': (about) => {
    const [tier, flow] = parted(about)
    return `Tier “${tier}” is greeted by flow ${flow}; take it away there first`
  },
  'uses.missing': (about) => `There is no shared flow “${about}”`,
  'uses.loop': () => 'A flow cannot use itself',
  'uses.nested': (about) => `“${about}” itself uses another flow`,
  'uses.not_shared': (about) => `“${about}” greets customers and cannot be shared`,
  'uses.broken': (about) => `The shared flow has mistakes: ${about}`,
  'users.broken': (about) => `Flows that use this one would break: ${about}`,
  'source.long': (about) => `Too long: ${about} characters at most; from this line on there is no room`,
  'flows.many': (about) => `${about} flows at most`,
}
