import type { AssistedBody, FlowOption } from '@wecc/protocol'
import { useRef } from 'preact/hooks'

import { PERSON } from '../drafts'
import { Icon, type Shape } from '../icons'
import { useLaterWords } from '../later-words'
import { usePanel } from '../panel-context'
import { StepForm } from './form'

/** An article that was found; one of a menu looks like the menu's others. */
const isFound = ({ id }: FlowOption) => id.startsWith('article:')

const shapeOf = (option: FlowOption): Shape | null =>
  isFound(option) ? 'file' : option.kind === 'solved' ? 'check' : option.kind === 'person' ? 'person' : null

/** Below a step's words: articles to read, a form, quick replies. Once it is answered, it can only be read. */
export function Answers({ step, isOpen }: { step: AssistedBody; isOpen: boolean }) {
  const { session, openHelp } = usePanel()
  const t = useLaterWords()
  const group = useRef<HTMLDivElement>(null)
  const { articles, fields, text } = step
  const options = step.options.filter(({ id }) => id !== PERSON) // that way is always in its own place
  const isPair = options.some(({ kind }) => kind === 'solved')

  const choose = ({ id, label }: FlowOption, isByKeyboard: boolean) => {
    // With the keyboard one goes on from here, to what comes next; with a mouse, by writing.
    const here = group.current
    if (isByKeyboard) (here?.closest('.hello')?.closest<HTMLElement>('.scroll') ?? here)?.focus()
    else if (matchMedia('(pointer: fine)').matches) document.querySelector<HTMLElement>('.composer textarea')?.focus()
    session.choose(id, label)
  }

  return (
    <>
      {articles.length > 0 && (
        <ul class="articles" aria-label={t('articles')}>
          {articles.map(({ id, title, snippet }) => {
            const isTold = text.includes(title)
            return (
              <li key={id}>
                <button type="button" class="article-card" onClick={() => openHelp(id)}>
                  <Icon shape="file" />
                  <span>
                    <strong>{isTold ? t('article_open') : title}</strong>
                    {snippet && !isTold && <small>{snippet}</small>}
                    {isTold && <span class="visually-hidden">{title}</span>}
                  </span>
                </button>
              </li>
            )
          })}
        </ul>
      )}
      {fields.length > 0 && isOpen && <StepForm step={step} />}
      {options.length > 0 && (
        <div
          ref={group}
          class={`options ${isPair ? 'pair' : ''} ${isOpen ? '' : 'past'}`}
          role="group"
          aria-label={t('options')}
          tabIndex={-1}
        >
          {options.map((option) => {
            const shape = shapeOf(option)
            return (
              <button
                key={option.id}
                type="button"
                class={`option ${isFound(option) ? 'found' : option.kind}`}
                disabled={!isOpen}
                onClick={({ detail }) => choose(option, detail === 0)}
              >
                {shape && <Icon shape={shape} />}
                {option.label}
              </button>
            )
          })}
        </div>
      )}
    </>
  )
}
