import type { CannedReply, CannedReplyText, Locale } from '@wecc/protocol'
import { http } from '@wecc/realtime'
import { Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import {
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Radio,
  RadioGroup,
  SearchField,
  Text,
  TextArea,
  TextField,
} from 'react-aria-components'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useWorkplace } from '../desk/context'
import { useLocale, useTexts } from '../texts'
import { matching } from '../thread/canned'

const ADDRESS = '/api/v1/canned-replies'

/** The center's canned replies, for those who write them. */
export function CannedPlace() {
  const { canned: texts } = useTexts()
  const locale = useLocale()
  const replies = useDesk((desk) => desk.cannedReplies)
  const [query, setQuery] = useState('')
  const [openId, setOpenId] = useState<string | 'new' | null>(null)
  const open = replies.find((one) => one.id === openId) ?? null
  return (
    <main className="place place-split">
      <section className="place-list">
        <header className="place-header">
          <h1>{texts.title}</h1>
          <Button onPress={() => setOpenId('new')}>
            <Plus size={14} aria-hidden />
            {texts.add}
          </Button>
        </header>
        <SearchField className="place-filter" aria-label={texts.filter} value={query} onChange={setQuery}>
          <Input className="input" placeholder={texts.filter} />
        </SearchField>
        <ListBox
          className="place-rows"
          aria-label={texts.title}
          selectionMode="single"
          selectedKeys={openId ? [openId] : []}
          onSelectionChange={(keys) =>
            setOpenId(keys === 'all' ? null : (([...keys][0] as string | undefined) ?? null))
          }
          renderEmptyState={() => <p className="list-empty">{texts.empty}</p>}
        >
          {matching(replies, query, locale).map((one) => (
            <ListBoxItem key={one.id} id={one.id} className="place-row" textValue={one.title}>
              <b>/{one.shortcut}</b>
              <span className="clip">{one.title}</span>
              <small>{one.locale === 'zh-CN' ? '中' : 'EN'}</small>
            </ListBoxItem>
          ))}
        </ListBox>
      </section>
      <section className="place-detail">
        {openId === 'new' || open ? (
          <ReplyForm key={openId} reply={open} onDone={setOpenId} />
        ) : (
          <p className="side-empty">{texts.hint}</p>
        )}
      </section>
    </main>
  )
}

interface ReplyFormProps {
  /** Null for a new one. */
  readonly reply: CannedReply | null
  readonly onDone: (openId: string | null) => void
}

function ReplyForm({ reply, onDone }: ReplyFormProps) {
  const texts = useTexts()
  const uiLocale = useLocale()
  const workplace = useWorkplace()
  const [shortcut, setShortcut] = useState(reply?.shortcut ?? '')
  const [title, setTitle] = useState(reply?.title ?? '')
  const [text, setText] = useState(reply?.text ?? '')
  const [locale, setLocale] = useState<Locale>(reply?.locale ?? uiLocale)
  const [isBusy, setIsBusy] = useState(false)
  const [isAsking, setIsAsking] = useState(false)
  const [said, setSaid] = useState('')
  const [error, setError] = useState<unknown>(null)

  const act = async (work: () => Promise<void>) => {
    setIsBusy(true)
    setError(null)
    setSaid('')
    try {
      await work()
      await workplace.readCannedReplies()
    } catch (thrown) {
      setError(thrown)
    }
    setIsBusy(false)
  }

  const save = (event: FormEvent) => {
    event.preventDefault()
    void act(async () => {
      const body: CannedReplyText = { shortcut: shortcut.trim(), title: title.trim(), text, locale }
      const saved = reply
        ? await http<CannedReply>(`${ADDRESS}/${reply.id}`, { method: 'PUT', body })
        : await http<CannedReply>(ADDRESS, { method: 'POST', body })
      setSaid(texts.canned.saved)
      if (!reply) onDone(saved.id)
    })
  }
  const remove = () =>
    void act(async () => {
      await http(`${ADDRESS}/${reply!.id}`, { method: 'DELETE' })
      onDone(null)
    })

  return (
    <form className="place-form" onSubmit={save}>
      <h2>{reply ? texts.canned.editTitle : texts.canned.newTitle}</h2>
      <TextField
        className="field"
        value={shortcut}
        onChange={setShortcut}
        isRequired
        maxLength={32}
        autoFocus={!reply}
      >
        <Label>{texts.canned.shortcut}</Label>
        <Input pattern="[\p{L}\p{N}_\-]+" title={texts.canned.shortcutRule} />
        <Text slot="description">{texts.canned.shortcutRule}</Text>
      </TextField>
      <TextField className="field" value={title} onChange={setTitle} isRequired maxLength={300}>
        <Label>{texts.canned.titleField}</Label>
        <Input />
      </TextField>
      <TextField className="field" value={text} onChange={setText} isRequired maxLength={4000}>
        <Label>{texts.canned.text}</Label>
        <TextArea rows={6} />
        <Text slot="description">{texts.canned.hint}</Text>
      </TextField>
      <RadioGroup
        className="radios"
        value={locale}
        onChange={(value) => setLocale(value as Locale)}
        orientation="horizontal"
      >
        <Label>{texts.canned.locale}</Label>
        <Radio value="zh-CN">{texts.customer.zh}</Radio>
        <Radio value="en">{texts.customer.en}</Radio>
      </RadioGroup>
      <footer>
        <Button type="submit" look="primary" isPending={isBusy}>
          {isBusy ? texts.canned.saving : texts.canned.save}
        </Button>
        {reply && !isAsking && (
          <Button look="quiet" onPress={() => setIsAsking(true)}>
            {texts.canned.remove}
          </Button>
        )}
        {isAsking && (
          <>
            <span>{texts.canned.removeAsk}</span>
            <Button look="danger" onPress={remove}>
              {texts.canned.removeConfirm}
            </Button>
            <Button look="quiet" onPress={() => setIsAsking(false)}>
              {texts.canned.cancel}
            </Button>
          </>
        )}
        <span role="status">{said}</span>
        {error !== null && (
          <span className="problem" role="alert">
            {errorText(error, texts)}
          </span>
        )}
      </footer>
    </form>
  )
}
