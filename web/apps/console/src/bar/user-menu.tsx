import { http } from '@wecc/realtime'
import { Check, ChevronDown } from 'lucide-react'
import { useState } from 'react'
import {
  Button as AriaButton,
  Dialog,
  Header,
  Heading,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Modal,
  ModalOverlay,
  Popover,
  Separator,
} from 'react-aria-components'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk, useWorkplace } from '../desk/context'
import { isMine } from '../desk/order'
import { runCommand } from '../desk/shortcuts'
import { preferences, type Theme } from '../preferences'
import { useLocale, useTexts } from '../texts'
import { usePreferences } from '../use-store'

const themes: readonly Theme[] = ['system', 'light', 'dark']

export function UserMenu() {
  const texts = useTexts()
  const locale = useLocale()
  const workplace = useWorkplace()
  const { theme } = usePreferences()
  const { session } = workplace
  const [isAsking, setIsAsking] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const openCount = useDesk((desk) => {
    let count = 0
    for (const one of desk.conversations.values()) if (isMine(one, desk.me.id) && !one.is_wrap_up) count += 1
    return count
  })

  const signOut = async () => {
    try {
      await http('/api/v1/agent/session', { method: 'DELETE' })
      workplace.line.close('signed_out')
    } catch (thrown) {
      setIsAsking(true)
      setError(thrown)
    }
  }

  const themeName = { system: texts.bar.themeSystem, light: texts.bar.themeLight, dark: texts.bar.themeDark }
  const act = (key: string) => {
    if (key === 'sign_out') return openCount ? setIsAsking(true) : void signOut()
    if (key === 'language') return preferences.change({ locale: locale === 'zh-CN' ? 'en' : 'zh-CN' })
    if (key === 'keys') return void runCommand('sheet')
    preferences.change({ theme: key as Theme })
  }

  return (
    <>
      <MenuTrigger>
        <AriaButton className="user-button" aria-label={`${session.agent.name}，${texts.bar.more}`}>
          <span className="clip">{session.agent.name}</span>
          <ChevronDown size={14} aria-hidden />
        </AriaButton>
        <Popover className="popover" placement="bottom end" offset={4}>
          <p className="user-who">
            <strong>{session.agent.name}</strong>
            <span>
              {session.login} · {texts.roles[session.role]}
            </span>
            <span>{locale === 'zh-CN' ? session.center_name_zh : session.center_name_en}</span>
          </p>
          <Menu className="menu" aria-label={texts.bar.more} onAction={(key) => act(String(key))}>
            <MenuSection selectionMode="single" selectedKeys={[theme]}>
              <Header className="menu-section">{texts.bar.theme}</Header>
              {themes.map((one) => (
                <MenuItem key={one} id={one} className="menu-item" textValue={themeName[one]}>
                  {themeName[one]}
                  <Check className="menu-check" size={14} aria-hidden />
                </MenuItem>
              ))}
            </MenuSection>
            <Separator />
            <MenuItem id="language" className="menu-item">
              {texts.language.other}
            </MenuItem>
            <MenuItem id="keys" className="menu-item">
              {texts.bar.keys}
            </MenuItem>
            <MenuItem id="sign_out" className="menu-item">
              {texts.bar.signOut}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <ModalOverlay className="overlay" isOpen={isAsking} onOpenChange={setIsAsking} isDismissable>
        <Modal>
          <Dialog role="alertdialog" className="dialog ask">
            <Heading slot="title">{texts.bar.signOut}</Heading>
            {openCount > 0 && <p>{texts.bar.signOutAsk(openCount)}</p>}
            {error !== null && <p className="problem">{errorText(error, texts)}</p>}
            <footer>
              <Button slot="close" autoFocus>
                {texts.bar.stay}
              </Button>
              <Button look="danger" onPress={() => void signOut()}>
                {texts.bar.signOutConfirm}
              </Button>
            </footer>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  )
}
