import './top-bar.css'

import { Bell, BellOff, BellRing, CircleHelp, Volume, Volume2, VolumeX } from 'lucide-react'
import { useState } from 'react'
import { Focusable } from 'react-aria-components'

import { Hint, IconButton } from '../controls/button'
import { Wordmark } from '../controls/wordmark'
import { useDesk } from '../desk/context'
import { sound } from '../desk/sound'
import { preferences } from '../preferences'
import { LanguageSwitch } from '../session/sign-in'
import { useTexts } from '../texts'
import { usePreferences, useStore } from '../use-store'
import { LineState } from './line-state'
import { StatusMenu } from './status-menu'
import { UserMenu } from './user-menu'

/** My state, my load, the connection's truth; what is set once a shift stands on the right. */
export function TopBar({ onSheet }: { readonly onSheet: () => void }) {
  const { bar } = useTexts()
  const { hasSound } = usePreferences()
  const isAwake = useStore(sound)
  return (
    <header className="top-bar">
      <Wordmark />
      <StatusMenu />
      <Load />
      <span className="top-bar-gap" />
      <LineState />
      <IconButton
        icon={!hasSound ? VolumeX : isAwake ? Volume2 : Volume}
        label={!hasSound ? bar.soundOff : isAwake ? bar.soundOn : bar.soundAsleep}
        aria-pressed={hasSound}
        onPress={() => {
          preferences.change({ hasSound: !hasSound })
          sound.wake()
        }}
      />
      <NotificationButton />
      <span className="only-wide">
        <IconButton icon={CircleHelp} label={bar.keys} keys="?" onPress={onSheet} />
      </span>
      <span className="only-wide">
        <LanguageSwitch />
      </span>
      <UserMenu />
    </header>
  )
}

function Load() {
  const { bar } = useTexts()
  const presence = useDesk((desk) => desk.presence)
  if (!presence) return <span className="load" />
  const { load, capacity } = presence
  const text = bar.load(load, capacity)
  return (
    <Hint text={text}>
      <LoadMeter load={load} capacity={capacity} label={text} />
    </Hint>
  )
}

function LoadMeter({ load, capacity, label }: { load: number; capacity: number; label: string }) {
  return (
    <Focusable>
      <span className="load" role="img" aria-label={label}>
        <span className="load-places">
          {Array.from({ length: Math.max(load, Math.min(capacity, 12)) }, (_, place) => (
            <i
              key={place}
              data-taken={place < load || undefined}
              data-over={place >= capacity || undefined}
            />
          ))}
        </span>
        <span className="figures">
          {load}/{capacity}
        </span>
      </span>
    </Focusable>
  )
}

function NotificationButton() {
  const { bar } = useTexts()
  const [permission, setPermission] = useState(() =>
    'Notification' in globalThis ? Notification.permission : null,
  )
  if (permission === null) return null
  const [icon, label] =
    permission === 'granted'
      ? ([BellRing, bar.notifyOn] as const)
      : permission === 'denied'
        ? ([BellOff, bar.notifyDenied] as const)
        : ([Bell, bar.notifyOff] as const)
  return (
    <span className="only-wide">
      <IconButton
        icon={icon}
        label={label}
        onPress={() => {
          if (permission === 'default') void Notification.requestPermission().then(setPermission)
        }}
      />
    </span>
  )
}
