import type { SetPresence } from '@wecc/protocol'
import { Check, ChevronDown } from 'lucide-react'
import { useState } from 'react'
import {
  Button as AriaButton,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
} from 'react-aria-components'

import { Age } from '../controls/age'
import { Hint } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useWorkplace } from '../desk/context'
import { keysOf, useCommand } from '../desk/shortcuts'
import { type Texts, useTexts } from '../texts'
import { StateMark } from './state-mark'

export const pauseReasons = ['break', 'meal', 'training', 'meeting', 'offline_work'] as const

const reasonText = (reason: string, texts: Texts): string =>
  texts.reasons[reason as keyof Texts['reasons']] ?? reason

/** A state and its reason in words: `暂停 · 用餐`. */
export function stateText(
  presence: { state: 'ready' | 'paused' | 'offline' | 'unstable'; reason: string },
  texts: Texts,
) {
  const reason = presence.state === 'paused' ? reasonText(presence.reason, texts) : ''
  return reason ? `${texts.bar[presence.state]} · ${reason}` : texts.bar[presence.state]
}

export function StatusMenu() {
  const texts = useTexts()
  const workplace = useWorkplace()
  const presence = useDesk((desk) => desk.presence)
  const [isOpen, setIsOpen] = useState(false)
  const [wanted, setWanted] = useState<SetPresence | null>(null)
  const [error, setError] = useState<unknown>(null)
  useCommand('status', presence ? () => setIsOpen((was) => !was) : null)

  if (!presence) return <span className="status-button" />

  const choose = async (key: string) => {
    const next: SetPresence =
      key === 'ready' || key === 'offline'
        ? { state: key, reason: '' }
        : { state: 'paused', reason: key as (typeof pauseReasons)[number] }
    setWanted(next)
    setError(null)
    try {
      await workplace.setPresence(next)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setWanted(null)
    }
  }

  const shown = wanted ? { state: wanted.state, reason: wanted.reason ?? '' } : presence
  const current = presence.state === 'paused' ? presence.reason : presence.state
  return (
    <div className="status">
      <MenuTrigger isOpen={isOpen} onOpenChange={setIsOpen}>
        <Hint
          text={presence.reason === 'not_responding' ? texts.bar.missed : texts.bar.state}
          keys={keysOf('status')}
        >
          <AriaButton className="status-button" data-state={shown.state} isPending={wanted !== null}>
            <StateMark state={shown.state} />
            <strong>{stateText(shown, texts)}</strong>
            {!wanted && presence.since_ms > 0 && <Age since_ms={presence.since_ms} />}
            <ChevronDown size={14} aria-hidden />
          </AriaButton>
        </Hint>
        <Popover className="popover" placement="bottom start" offset={4}>
          <Menu
            className="menu"
            aria-label={texts.bar.state}
            selectionMode="single"
            selectedKeys={[current]}
            onAction={(key) => void choose(String(key))}
          >
            <MenuItem id="ready" className="menu-item" textValue={texts.bar.goReady}>
              <StateMark state="ready" />
              {texts.bar.goReady}
              <Check className="menu-check" size={14} aria-hidden />
            </MenuItem>
            <MenuSection>
              <Header className="menu-section">{texts.bar.pauseFor}</Header>
              {pauseReasons.map((reason) => (
                <MenuItem key={reason} id={reason} className="menu-item" textValue={texts.reasons[reason]}>
                  <StateMark state="paused" />
                  {texts.reasons[reason]}
                  <Check className="menu-check" size={14} aria-hidden />
                </MenuItem>
              ))}
            </MenuSection>
            <Separator />
            <MenuItem id="offline" className="menu-item" textValue={texts.bar.leave}>
              <StateMark state="offline" />
              <span>
                {texts.bar.leave}
                <small>{texts.bar.leaveHint}</small>
              </span>
              <Check className="menu-check" size={14} aria-hidden />
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {error !== null && (
        <span className="problem" role="alert">
          {errorText(error, texts)}
        </span>
      )}
    </div>
  )
}
