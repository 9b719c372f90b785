import type {
  AgentGroup,
  Content,
  FileView,
  Locale,
  OpinionView,
  TargetView,
  TierView,
  VersionView,
} from '@wecc/protocol'

import { nameIn } from './context'
import { moment } from './moment'
import type { KnowledgeTexts } from './texts'

/** What two versions are compared by, as text a person reads. */
export interface Told {
  readonly field: keyof KnowledgeTexts['difference']['fields']
  readonly text: string
}

export interface Telling {
  readonly texts: KnowledgeTexts
  readonly locale: Locale
  readonly tiers: readonly TierView[]
  readonly groups: readonly AgentGroup[]
}

export function audienceText(
  { kind, codes }: Content['audience'],
  { texts, locale, tiers, groups }: Telling,
): string {
  const name = (code: string) => {
    const known = (kind === 'tiers' ? tiers : groups).find((one) => one.code === code)
    return known ? nameIn(locale, known) : code
  }
  return codes.length
    ? `${texts.editor.audiences[kind]} · ${texts.list(codes.map(name))}`
    : texts.editor.audiences[kind]
}

/** A version's fields in words, in their order on the screen. */
export function toldOf(content: Content, files: readonly FileView[], telling: Telling): readonly Told[] {
  const { texts, locale } = telling
  const date = (at_ms: number | null) => (at_ms === null ? texts.noDate : moment(at_ms, locale))
  return [
    { field: 'title', text: content.title },
    { field: 'alternatives', text: content.alternatives.join('\n') },
    { field: 'body', text: content.body },
    { field: 'lang', text: texts.langs[content.lang] ?? content.lang },
    { field: 'audience', text: audienceText(content.audience, telling) },
    { field: 'valid_from_ms', text: date(content.valid_from_ms) },
    { field: 'valid_until_ms', text: date(content.valid_until_ms) },
    {
      field: 'files',
      text: content.file_ids.map((id) => files.find((one) => one.id === id)?.name ?? id).join('\n'),
    },
  ]
}

/** Where a version may go: where all who approved let it; anywhere when nobody was asked. */
export function approvedFor(
  opinions: readonly OpinionView[],
  targets: readonly TargetView[],
): readonly TargetView[] {
  const said = opinions.filter((one) => one.verdict === 'approve')
  return targets.filter(
    (target) => target.is_enabled && said.every((one) => one.target_ids.includes(target.id)),
  )
}

export type Stage = VersionView['stage']

/** Stages of versions that have passed the review: any of them can be published, again too. */
export const canBePublished = (stage: Stage): boolean =>
  ['approved', 'published', 'suspended', 'withdrawn', 'superseded'].includes(stage)
