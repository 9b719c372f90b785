import type { CategoryArticles, HotList, Tree } from '@wecc/protocol'
import { ArrowLeft } from 'lucide-react'

import { IconButton } from '../controls/button'
import { useReading } from '../reading'
import { useLocale } from '../texts'
import { useStore } from '../use-store'
import { browse, reader } from './reader'
import { useAssistTexts } from './texts'

/** The tree, its hot topics and articles, one level at a time. */
export function Browse({ onOpen }: { readonly onOpen: (articleId: string) => void }) {
  const texts = useAssistTexts()
  const locale = useLocale()
  const { categoryId } = useStore(reader)
  const within = categoryId ? `?category=${categoryId}` : ''
  const tree = useReading<Tree>('/api/v1/kb/tree', { isQuiet: true }).value
  const hot = useReading<HotList>(`/api/v1/kb/hot${within}`, { isQuiet: true, isKept: true }).value
  const articles = useReading<CategoryArticles>(categoryId ? `/api/v1/kb/articles${within}` : null, {
    isQuiet: true,
  }).value
  const here = tree?.categories.find((one) => one.id === categoryId)
  const children = tree?.categories.filter((one) => one.parent_id === categoryId) ?? []
  const name = (one: { name_zh: string; name_en: string }) => (locale === 'en' ? one.name_en : one.name_zh)
  return (
    <div>
      <div className="assist-row">
        <IconButton
          icon={ArrowLeft}
          label={texts.back}
          onPress={() => browse(here ? here.parent_id : null)}
        />
        <b>{here ? name(here) : texts.all}</b>
      </div>
      {hot && hot.topics.length > 0 && (
        <>
          <p className="assist-for">{texts.hot}</p>
          <ul className="assist-plain">
            {hot.topics.slice(0, 5).map((topic) => (
              <li key={topic.article_id}>
                <button type="button" className="link" onClick={() => onOpen(topic.article_id)}>
                  {topic.title}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <ul className="assist-plain">
        {children.map((one) => (
          <li key={one.id}>
            <button type="button" className="link" onClick={() => browse(one.id)}>
              {name(one)} <span className="figures">{one.articles}</span>
            </button>
          </li>
        ))}
        {children.length === 0 &&
          articles?.articles.map((article) => (
            <li key={article.id}>
              <button type="button" className="link" onClick={() => onOpen(article.id)}>
                {article.title}
              </button>
            </li>
          ))}
      </ul>
      {children.length === 0 && articles?.articles.length === 0 && (
        <p className="side-empty">{texts.empty}</p>
      )}
    </div>
  )
}
