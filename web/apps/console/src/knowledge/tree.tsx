import type { CategoryList, CategoryNode } from '@wecc/protocol'
import { ChevronRight, GripVertical, MoreHorizontal, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import {
  Button as AriaButton,
  Collection,
  type Key,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  Tree,
  TreeItem,
  TreeItemContent,
  useDragAndDrop,
} from 'react-aria-components'

import { IconButton } from '../controls/button'
import { type CategoryBranch, type Move, moveOf, treeOf } from './categories'
import { CategoryDialog, type CategoryTask } from './category-dialog'
import { nameIn, useKnowledge } from './context'
import { Problem } from './controls'
import { send, useAct } from './use-act'

/** What an article's row carries when it is dragged onto a category. */
export const ARTICLE_DRAG = 'wecc-article'
const CATEGORY_DRAG = 'wecc-category'

export interface CategoryTreeProps {
  readonly categories: readonly CategoryNode[]
  /** Null: everything. */
  readonly chosen: string | null
  readonly onChoose: (id: string | null) => void
  readonly total: number | null
}

/** All categories; those who write move them by dragging or by menu. Source: 3.2.2-03, 3.2.2-09. */
export function CategoryTree({ categories, chosen, onChoose, total }: CategoryTreeProps) {
  const { texts, locale, rights, say } = useKnowledge()
  const words = texts.tree
  const branches = useMemo(() => treeOf(categories), [categories])
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [task, setTask] = useState<CategoryTask | null>(null)
  const { act, error, clear } = useAct()
  const byId = useMemo(() => new Map(categories.map((one) => [one.id, one])), [categories])
  const name = (id: string) => nameIn(locale, byId.get(id) ?? { name_zh: '', name_en: '' })

  const choose = (key: Key) => {
    clear()
    onChoose(String(key))
  }
  const move = (id: string, to: Move | null) =>
    act(async () => {
      // what the tree itself rules out is still asked: the server's refusal says why
      await send<CategoryList>('POST', `categories/${id}/move`, to ?? { parent_id: id, position: 0 })
      say(words.moved(name(id)))
    })
  const moveArticle = (id: string, category_id: string) =>
    act(async () => {
      const { title } = (
        await send<{ article: { title: string } }>('POST', `articles/${id}/move`, { category_id })
      ).article
      say(words.articleMoved(title, name(category_id)))
    })

  const { dragAndDropHooks } = useDragAndDrop<CategoryBranch>({
    isDisabled: !rights.is_editor,
    getItems: (keys) =>
      [...keys].map((key) => ({ 'text/plain': name(String(key)), [CATEGORY_DRAG]: String(key) })),
    acceptedDragTypes: [ARTICLE_DRAG, CATEGORY_DRAG],
    getDropOperation: () => 'move',
    shouldAcceptItemDrop: () => true,
    onMove: ({ keys, target }) => {
      const [id] = [...keys].map(String)
      if (id !== undefined && id !== target.key)
        void move(id, moveOf(categories, id, String(target.key), target.dropPosition))
    },
    onItemDrop: ({ items, target, isInternal }) => {
      const item = items.find((one) => one.kind === 'text' && one.types.has(ARTICLE_DRAG))
      if (isInternal || item?.kind !== 'text') return
      void item.getText(ARTICLE_DRAG).then((id) => moveArticle(id, String(target.key)))
    },
  })

  const branch = (one: CategoryBranch) => (
    <TreeItem id={one.id} textValue={nameIn(locale, one)} className="kb-branch">
      <TreeItemContent>
        {({ hasChildItems, level }) => (
          <div className="kb-branch-row" style={{ paddingLeft: `${(level - 1) * 12}px` }}>
            {hasChildItems ? (
              <AriaButton slot="chevron" className="kb-chevron">
                <ChevronRight size={14} aria-hidden />
              </AriaButton>
            ) : (
              <i className="kb-chevron" />
            )}
            <span className="clip" title={nameIn(locale, one)}>
              {nameIn(locale, one)}
            </span>
            {rights.is_editor && (
              <span className="kb-branch-tools">
                <AriaButton slot="drag" className="kb-grip">
                  <GripVertical size={13} aria-hidden />
                </AriaButton>
                <BranchMenu category={one} onTask={setTask} />
              </span>
            )}
            <small className="figures">{one.articles}</small>
          </div>
        )}
      </TreeItemContent>
      <Collection items={one.children}>{branch}</Collection>
    </TreeItem>
  )

  return (
    <section className="kb-tree" aria-label={words.title}>
      <header className="kb-tree-head">
        <h2>{words.title}</h2>
        {rights.is_editor && (
          <IconButton
            icon={Plus}
            label={words.add}
            onPress={() =>
              setTask({ kind: 'add', parent: chosen === null ? null : (byId.get(chosen) ?? null) })
            }
          />
        )}
      </header>
      <AriaButton className="kb-tree-all" aria-current={chosen === null} onPress={() => onChoose(null)}>
        <span className="clip">{words.all}</span>
        {total !== null && <small className="figures">{total}</small>}
      </AriaButton>
      <Problem error={error} />
      <Tree
        className="kb-tree-rows"
        aria-label={words.title}
        items={branches}
        selectionMode="single"
        selectedKeys={chosen === null ? [] : [chosen]}
        onSelectionChange={(keys) => {
          const [key] = keys === 'all' ? [] : [...keys]
          if (key !== undefined) choose(key)
        }}
        onAction={choose}
        expandedKeys={categories.filter((one) => !closed.has(one.id)).map((one) => one.id)}
        onExpandedChange={(keys) => {
          const open = new Set([...keys].map(String))
          setClosed(new Set(categories.flatMap(({ id }) => (open.has(id) ? [] : [id]))))
        }}
        dragAndDropHooks={dragAndDropHooks}
        dependencies={[locale, rights.is_editor]}
        renderEmptyState={() => <p className="kb-hint">{words.none}</p>}
      >
        {branch}
      </Tree>
      {task && <CategoryDialog task={task} categories={categories} onClose={() => setTask(null)} />}
    </section>
  )
}

interface BranchMenuProps {
  readonly category: CategoryNode
  readonly onTask: (task: CategoryTask) => void
}

function BranchMenu({ category, onTask }: BranchMenuProps) {
  const { texts, locale } = useKnowledge()
  const words = texts.tree
  const tasks: Record<string, CategoryTask> = {
    add: { kind: 'add', parent: category },
    rename: { kind: 'rename', category },
    move: { kind: 'move', category },
    remove: { kind: 'remove', category },
  }
  return (
    <MenuTrigger>
      <AriaButton className="kb-grip" aria-label={words.menu(nameIn(locale, category))}>
        <MoreHorizontal size={14} aria-hidden />
      </AriaButton>
      <Popover className="popover" placement="bottom end" offset={2}>
        <Menu className="menu" onAction={(key) => onTask(tasks[String(key)]!)}>
          <MenuItem id="add" className="menu-item">
            {words.addBelow}
          </MenuItem>
          <MenuItem id="rename" className="menu-item">
            {words.rename}
          </MenuItem>
          <MenuItem id="move" className="menu-item">
            {words.move}
          </MenuItem>
          <MenuItem id="remove" className="menu-item">
            {words.remove}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
