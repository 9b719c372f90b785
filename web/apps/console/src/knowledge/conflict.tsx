import { relativeTime } from '@wecc/ui'
import { useState } from 'react'

import { Ask } from '../controls/ask'
import { Button } from '../controls/button'
import { personName, useKnowledge } from './context'
import { Problem } from './controls'
import { Difference } from './difference'
import type { Editing } from './use-editing'

/** Somebody saved meanwhile: his version and one's own, side by side, and what is to become of both. */
export function Conflict({ editing, onClose }: { readonly editing: Editing; readonly onClose: () => void }) {
  const { texts, locale, say } = useKnowledge()
  const words = texts.conflict
  const { detail, edited, saving, save, discard } = editing
  const [isAsking, setIsAsking] = useState(false)
  if (!detail) return null
  const { version, at_ms, content, files, comment } = detail.newest
  const author = personName(detail.newest.author, texts)
  return (
    <section className="kb-scroll" aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className="kb-intro" role="alert">
        {words.what(author, relativeTime(at_ms, locale), version)}
      </p>
      {comment && <blockquote className="kb-comment">{comment}</blockquote>}
      <Difference
        left={{ name: words.theirs(version, author), content, files }}
        right={{ name: words.mine, content: edited.content, files: [...files, ...edited.files] }}
      />
      {saving.error && saving.error.code !== 'article.conflict' && <Problem error={saving.error} />}
      <footer className="kb-actions">
        <Button
          look="primary"
          isPending={saving.isBusy}
          onPress={() => void save(version).then((saved) => saved !== null && onClose())}
        >
          {words.keepMine}
        </Button>
        <Button onPress={() => setIsAsking(true)}>{words.takeTheirs}</Button>
        <Button look="quiet" onPress={onClose}>
          {words.edit}
        </Button>
        <span className="kb-hint">{words.keepMineHint(version, version + 1)}</span>
      </footer>
      {isAsking && (
        <Ask
          title={words.takeTheirsTitle}
          text={words.takeTheirsAsk}
          confirm={words.takeTheirs}
          look="danger"
          onConfirm={() => {
            saving.clear()
            discard()
            onClose()
            say(words.taken(version))
          }}
          onClose={() => setIsAsking(false)}
        />
      )}
    </section>
  )
}
