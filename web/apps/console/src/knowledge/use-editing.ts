import type { ArticleDetail } from '@wecc/protocol'
import { WeccError } from '@wecc/realtime'
import { useMemo } from 'react'

import { useStore } from '../use-store'
import { NEW, showArticle } from './address'
import { useKnowledge } from './context'
import { type Draft, draftsOf, type Edited, emptyContent } from './drafts'
import { listQuery } from './list-query'
import { type Acting, send, useAct } from './use-act'

export interface Editing {
  readonly id: string
  /** Null for a new article. */
  readonly detail: ArticleDetail | null
  readonly saved: Edited
  /** What is on screen: the draft, or else what is saved. */
  readonly edited: Edited
  readonly draft: Draft | null
  /** Somebody has saved another version since the draft was begun. */
  readonly isBehind: boolean
  readonly change: (change: Partial<Edited>) => void
  readonly discard: () => void
  readonly saving: Acting
  /** Saves the draft as the next version, after `baseVersion` when given. The newest version then, or null. */
  readonly save: (baseVersion?: number) => Promise<number | null>
}

/** One article as it is edited: what is saved, what is not, and the way from one to the other. */
export function useEditing(
  id: string,
  detail: ArticleDetail | null,
  onDetail: (detail: ArticleDetail) => void,
): Editing {
  const { me, locale, categories, say, texts } = useKnowledge()
  const drafts = draftsOf(me.id)
  const draft = useStore(drafts, (all) => all.get(id) ?? null)
  const saving = useAct()

  const saved = useMemo((): Edited => {
    if (!detail) {
      const chosen = listQuery.getSnapshot().category
      const categoryId = categories?.some((one) => one.id === chosen) ? chosen! : ''
      return { baseVersion: 0, categoryId, content: emptyContent(locale), files: [], comment: '' }
    }
    const { newest, article } = detail
    return {
      baseVersion: newest.version,
      categoryId: article.category.at(-1)?.id ?? '',
      content: newest.content,
      files: newest.files,
      comment: '',
    }
  }, [detail, locale, categories])

  const add = async (sent: Draft): Promise<number> => {
    const { clientId: client_id, categoryId: category_id, content, comment } = sent
    const made = await send<ArticleDetail>('POST', 'articles', { client_id, category_id, content, comment })
    drafts.drop(NEW)
    showArticle(made.article.id)
    return made.newest.version
  }
  const next = async (sent: Edited, base_version: number): Promise<ArticleDetail> => {
    const { categoryId: category_id, content, comment } = sent
    const at = `articles/${id}`
    if (category_id !== saved.categoryId) await send('POST', `${at}/move`, { category_id })
    return send<ArticleDetail>('POST', `${at}/versions`, { base_version, content, comment })
  }
  const save = async (baseVersion?: number): Promise<number | null> => {
    let version: number | null = null
    await saving.act(async () => {
      if (!detail) {
        if (!draft) throw new WeccError({ code: 'request.invalid' })
        version = await add(draft)
      } else {
        const made = await next(draft ?? saved, baseVersion ?? draft?.baseVersion ?? saved.baseVersion)
        version = made.newest.version
        onDetail(made)
        if (draft) drafts.saved(id, draft, version)
      }
      say(texts.editor.saved(version))
    })
    return version
  }

  return {
    id,
    detail,
    saved,
    edited: draft ?? saved,
    draft,
    isBehind: draft !== null && draft.baseVersion !== saved.baseVersion,
    change: (change) => drafts.change(id, saved, change),
    discard: () => drafts.drop(id),
    saving,
    save,
  }
}
