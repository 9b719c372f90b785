import './transfer.css'

import { newClientId } from '@wecc/realtime'
import { ArrowLeft } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import {
  Header,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  SearchField,
  TextArea,
  TextField,
} from 'react-aria-components'

import { StateMark } from '../bar/state-mark'
import { stateText } from '../bar/status-menu'
import { Button, IconButton } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useTierName, useWorkplace } from '../desk/context'
import { useTexts } from '../texts'

export interface TransferPaneProps {
  readonly id: string
  readonly onDone: () => void
}

/** Hands the conversation on, beside the thread so that one can read while writing the note. */
export function TransferPane({ id, onDone }: TransferPaneProps) {
  const texts = useTexts()
  const workplace = useWorkplace()
  const tierName = useTierName()
  const me = useDesk((desk) => desk.me)
  const colleagues = useDesk((desk) => desk.colleagues)
  const tiers = useDesk((desk) => desk.tiers)
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const [note, setNote] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const clientId = useRef(newClientId())

  const wanted = query.trim().toLowerCase()
  const agents = [...colleagues.values()]
    .filter((one) => one.agent.id !== me.id && one.agent.name.toLowerCase().includes(wanted))
    .sort(
      (a, b) =>
        stateRank(a.state) - stateRank(b.state) ||
        a.load - b.load ||
        a.agent.name.localeCompare(b.agent.name),
    )
  const queues = [...tiers.values()]
    .filter((one) => `${one.name_zh} ${one.name_en}`.toLowerCase().includes(wanted))
    .sort((a, b) => b.rank - a.rank)
  const target = chosen?.startsWith('agent:')
    ? colleagues.get(chosen.slice(6))?.agent.name
    : chosen && tierName(chosen.slice(5))

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!chosen) return
    setIsBusy(true)
    setError(null)
    const to = chosen.startsWith('agent:') ? { agentId: chosen.slice(6) } : { tier: chosen.slice(5) }
    try {
      await workplace.transfer(id, clientId.current, to, note.trim())
      onDone()
    } catch (thrown) {
      setError(thrown)
      setIsBusy(false)
    }
  }

  return (
    <form className="transfer" onSubmit={(event) => void submit(event)}>
      <header className="side-header">
        <IconButton icon={ArrowLeft} label={texts.transfer.cancel} keys="Esc" onPress={onDone} />
        <h2>{texts.transfer.title}</h2>
      </header>
      <SearchField
        className="transfer-search"
        aria-label={texts.transfer.search}
        value={query}
        onChange={setQuery}
        autoFocus
      >
        <Input className="input" placeholder={texts.transfer.search} />
      </SearchField>
      <ListBox
        className="targets"
        aria-label={texts.transfer.title}
        selectionMode="single"
        selectedKeys={chosen ? [chosen] : []}
        onSelectionChange={(keys) => {
          setChosen(keys === 'all' ? null : (([...keys][0] as string | undefined) ?? null))
          clientId.current = newClientId()
          setError(null)
        }}
        renderEmptyState={() => <p className="list-empty">{texts.transfer.nothing}</p>}
      >
        {agents.length > 0 && (
          <ListBoxSection>
            <Header className="menu-section">{texts.transfer.colleagues}</Header>
            {agents.map((one) => (
              <ListBoxItem
                key={one.agent.id}
                id={`agent:${one.agent.id}`}
                className="target"
                textValue={one.agent.name}
                isDisabled={one.state === 'offline'}
              >
                <StateMark state={one.state} />
                <span className="clip">{one.agent.name}</span>
                <small>
                  {stateText(one, texts)}
                  {one.load >= one.capacity && ` · ${texts.transfer.full}`}
                </small>
                <small className="figures">
                  {one.load}/{one.capacity}
                </small>
              </ListBoxItem>
            ))}
          </ListBoxSection>
        )}
        {queues.length > 0 && (
          <ListBoxSection>
            <Header className="menu-section">{texts.transfer.tiers}</Header>
            {queues.map((one) => (
              <ListBoxItem
                key={one.code}
                id={`tier:${one.code}`}
                className="target"
                textValue={tierName(one.code)}
              >
                <span className="clip">{tierName(one.code)}</span>
              </ListBoxItem>
            ))}
          </ListBoxSection>
        )}
      </ListBox>
      <footer>
        <TextField className="field" value={note} onChange={setNote} maxLength={4000}>
          <Label>{texts.transfer.note}</Label>
          <TextArea rows={3} placeholder={texts.transfer.noteHint} />
        </TextField>
        {error !== null && (
          <p className="problem" role="alert">
            {errorText(error, texts)}
          </p>
        )}
        <Button type="submit" look="primary" isDisabled={!chosen} isPending={isBusy}>
          <span className="clip">
            {isBusy
              ? texts.transfer.busy
              : !target
                ? texts.transfer.pick
                : chosen?.startsWith('tier:')
                  ? texts.transfer.submitTier(target)
                  : texts.transfer.submit(target)}
          </span>
        </Button>
      </footer>
    </form>
  )
}

const stateRank = (state: string): number => ['ready', 'paused', 'unstable', 'offline'].indexOf(state)
