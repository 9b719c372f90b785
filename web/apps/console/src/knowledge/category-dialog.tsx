import type { CategoryList, CategoryNode } from '@wecc/protocol'
import { useState } from 'react'

import { Ask } from '../controls/ask'
import { isWithin, pathOf } from './categories'
import { nameIn, useKnowledge } from './context'
import { Field, Problem } from './controls'
import { send, useAct } from './use-act'

export type CategoryTask =
  | { readonly kind: 'add'; readonly parent: CategoryNode | null }
  | { readonly kind: 'rename' | 'move' | 'remove'; readonly category: CategoryNode }

export interface CategoryDialogProps {
  readonly task: CategoryTask
  readonly categories: readonly CategoryNode[]
  readonly onClose: () => void
}

export function CategoryDialog({ task, categories, onClose }: CategoryDialogProps) {
  switch (task.kind) {
    case 'add':
      return <NameDialog parent={task.parent} category={null} onClose={onClose} />
    case 'rename':
      return <NameDialog parent={null} category={task.category} onClose={onClose} />
    case 'move':
      return <MoveDialog category={task.category} categories={categories} onClose={onClose} />
    case 'remove':
      return <RemoveDialog category={task.category} onClose={onClose} />
  }
}

interface NameDialogProps {
  readonly parent: CategoryNode | null
  /** Null for a new one. */
  readonly category: CategoryNode | null
  readonly onClose: () => void
}

function NameDialog({ parent, category, onClose }: NameDialogProps) {
  const { texts, locale, say } = useKnowledge()
  const words = texts.tree
  const [nameZh, setNameZh] = useState(category?.name_zh ?? '')
  const [nameEn, setNameEn] = useState(category?.name_en ?? '')
  const { isBusy, error, act } = useAct()
  const save = async () => {
    const body = {
      parent_id: category?.parent_id ?? parent?.id ?? '',
      name_zh: nameZh.trim(),
      name_en: nameEn.trim(),
    }
    const isDone = await act(() =>
      category
        ? send<CategoryList>('PUT', `categories/${category.id}`, body)
        : send<CategoryList>('POST', 'categories', body),
    )
    if (!isDone) return
    say(category ? words.renamed(nameIn(locale, body)) : words.added(nameIn(locale, body)))
    onClose()
  }
  const title = category
    ? words.renameTitle(nameIn(locale, category))
    : parent
      ? words.addBelowOf(nameIn(locale, parent))
      : words.addTitle
  return (
    <Ask
      title={title}
      confirm={texts.save}
      isReady={nameZh.trim() !== ''}
      isBusy={isBusy}
      problem={<Problem error={error} />}
      onConfirm={() => void save()}
      onClose={onClose}
    >
      <Field label={words.nameZh}>
        {(attributes) => (
          <input
            {...attributes}
            className="input"
            autoFocus
            required
            maxLength={100}
            value={nameZh}
            onChange={(event) => setNameZh(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.nameEn}>
        {(attributes) => (
          <input
            {...attributes}
            className="input"
            maxLength={100}
            value={nameEn}
            onChange={(event) => setNameEn(event.target.value)}
          />
        )}
      </Field>
    </Ask>
  )
}

interface MoveDialogProps {
  readonly category: CategoryNode
  readonly categories: readonly CategoryNode[]
  readonly onClose: () => void
}

/** Moving by keyboard: below which one, and after which of its children. */
function MoveDialog({ category, categories, onClose }: MoveDialogProps) {
  const { texts, locale, say } = useKnowledge()
  const words = texts.tree
  const [parentId, setParentId] = useState(category.parent_id)
  const siblings = categories.filter((one) => one.parent_id === parentId && one.id !== category.id)
  const [position, setPosition] = useState<number | null>(null)
  const { isBusy, error, act } = useAct()
  const own = categories
    .filter((one) => one.parent_id === parentId)
    .findIndex((one) => one.id === category.id)
  const chosen = position ?? (own === -1 ? siblings.length : own)
  const move = async () => {
    const body = { parent_id: parentId, position: chosen }
    if (!(await act(() => send<CategoryList>('POST', `categories/${category.id}/move`, body)))) return
    say(words.moved(nameIn(locale, category)))
    onClose()
  }
  return (
    <Ask
      title={words.moveTitle(nameIn(locale, category))}
      confirm={words.moveGo}
      isBusy={isBusy}
      problem={<Problem error={error} />}
      onConfirm={() => void move()}
      onClose={onClose}
    >
      <Field label={words.below}>
        {(attributes) => (
          <select
            {...attributes}
            className="input"
            autoFocus
            value={parentId}
            onChange={(event) => {
              setParentId(event.target.value)
              setPosition(null)
            }}
          >
            <option value="">{words.top}</option>
            {categories
              .filter((one) => !isWithin(categories, one.id, category.id))
              .map((one) => (
                <option key={one.id} value={one.id}>
                  {pathOf(categories, one.id)
                    .map((part) => nameIn(locale, part))
                    .join(' / ')}
                </option>
              ))}
          </select>
        )}
      </Field>
      <Field label={words.position}>
        {(attributes) => (
          <select
            {...attributes}
            className="input"
            value={chosen}
            onChange={(event) => setPosition(Number(event.target.value))}
          >
            <option value={0}>{words.first}</option>
            {siblings.map((one, at) => (
              <option key={one.id} value={at + 1}>
                {words.after(nameIn(locale, one))}
              </option>
            ))}
          </select>
        )}
      </Field>
    </Ask>
  )
}

interface RemoveDialogProps {
  readonly category: CategoryNode
  readonly onClose: () => void
}

function RemoveDialog({ category, onClose }: RemoveDialogProps) {
  const { texts, locale, say } = useKnowledge()
  const words = texts.tree
  const { isBusy, error, act } = useAct()
  const name = nameIn(locale, category)
  const remove = async () => {
    if (!(await act(() => send<CategoryList>('DELETE', `categories/${category.id}`)))) return
    say(words.removed(name))
    onClose()
  }
  return (
    <Ask
      title={words.removeTitle(name)}
      text={words.removeAsk}
      confirm={words.removeGo}
      look="danger"
      isBusy={isBusy}
      problem={<Problem error={error} />}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  )
}
