import './wall.css'

import type { FloorHistory, GroupNow, QueueNow } from '@wecc/protocol'
import { type CSSProperties, memo, useEffect, useState } from 'react'

import { Button } from '../controls/button'
import { useTierName } from '../desk/context'
import { distance, percent } from '../desk/reason'
import { useCommand } from '../desk/shortcuts'
import { place } from '../place'
import { preferences } from '../preferences'
import { useTexts } from '../texts'
import { useGroupName } from './context'
import { HandsBar, handsShown } from './groups-table'
import { queueKey, type Scales } from './history'
import { HandsMark, LongestWait, RateBar, StandingMark } from './marks'
import { standingOf } from './standing'
import { TrendCanvas, useDrawn } from './trends'

/** The charts of the wall show the last hour. */
export const WALL_SPAN = 60

/** How long the way out stays in sight after the pointer moved. */
const STIRRED_MS = 3_000

export interface WallProps {
  readonly queues: readonly QueueNow[]
  readonly groups: readonly GroupNow[]
  readonly history: FloorHistory | null
}

/** Opens the wall over the whole screen, where the browser lets it. Call it from a press or a key. */
export function showWall(): void {
  place.go({ name: 'floor', view: { kind: 'wall' } })
  document.documentElement.requestFullscreen?.().catch(() => undefined) // the window is large too
}

const leaveWall = (): void => place.go({ name: 'floor', view: null })

/** Tiers and groups for the whole room to read. */
export function Wall({ queues, groups, history }: WallProps) {
  const { floor: texts } = useTexts()
  const tierName = useTierName()
  const isStirred = useWallScreen()
  const hasChannels = queues.some((one) => one.channel !== 'chat')
  const drawn = useDrawn(history, queues, WALL_SPAN)
  return (
    <>
      <table className="wall-tiers" style={{ '--rows': queues.length } as CSSProperties}>
        <caption className="visually-hidden">{texts.tiers}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.tier}</th>
            <th scope="col">{texts.state}</th>
            <th scope="col" className="cell-number">
              {texts.rate}
            </th>
            <th scope="col" className="cell-bar" />
            <th scope="col" className="cell-number">
              {texts.gap}
            </th>
            <th scope="col" className="cell-number">
              {texts.waiting}
            </th>
            <th scope="col" className="cell-number">
              {texts.longest}
            </th>
            <th scope="col" className="cell-trend">
              {texts.trends} · {texts.spanOf(WALL_SPAN)}
            </th>
          </tr>
        </thead>
        <tbody>
          {queues.map((one, at) => (
            <WallRow
              key={queueKey(one)}
              queue={one}
              name={tierName(one.tier)}
              channel={hasChannels ? texts.channels[one.channel] : null}
              past={drawn?.pasts[at] ?? null}
              scales={drawn?.scales ?? null}
            />
          ))}
        </tbody>
      </table>
      <ul className="wall-groups">
        {groups.map((one) => (
          <WallGroup key={one.group} group={one} />
        ))}
      </ul>
      <div className="wall-leave" data-shown={isStirred || undefined}>
        <span>{texts.wallHint}</span>
        <Button onPress={leaveWall}>{texts.leaveWall}</Button>
      </div>
    </>
  )
}

interface WallRowProps {
  readonly queue: QueueNow
  readonly name: string
  readonly channel: string | null
  readonly past: FloorHistory['queues'][number] | null
  readonly scales: Scales | null
}

const WallRow = memo(function WallRow({ queue, name, channel, past, scales }: WallRowProps) {
  const { floor: texts } = useTexts()
  const standing = standingOf(queue)
  const isRated = standing !== 'none'
  const rate = isRated ? percent(queue.rate) : texts.noRate
  return (
    <tr data-standing={standing}>
      <th scope="row">
        {name}
        {channel && <small>{channel}</small>}
      </th>
      <td>
        <StandingMark standing={standing} />
      </td>
      <td className="cell-number">
        <b>{rate}</b>
      </td>
      <td className="cell-bar">
        <RateBar queue={queue} />
        <small>
          {texts.target} {percent(queue.target)}
        </small>
      </td>
      <td className="cell-number cell-gap">{isRated ? distance(queue.rate, queue.target) : texts.noRate}</td>
      <td className="cell-number cell-waiting" data-any={queue.waiting > 0 || undefined}>
        {queue.waiting}
      </td>
      <td className="cell-number">
        <LongestWait queue={queue} />
      </td>
      <td className="cell-trend">
        {past && scales && (
          <TrendCanvas
            label={texts.trendOf(name, rate, percent(queue.target), queue.waiting)}
            past={past}
            scales={scales}
            isBare
          />
        )}
      </td>
    </tr>
  )
})

const WallGroup = memo(function WallGroup({ group }: { readonly group: GroupNow }) {
  const { floor: texts } = useTexts()
  const groupName = useGroupName()
  return (
    <li>
      <strong className="clip">{groupName(group.group)}</strong>
      <HandsBar group={group} />
      <span className="figures wall-hands">
        {handsShown
          .filter((hands) => hands !== 'unstable' || group.unstable > 0)
          .map((hands) => (
            <span key={hands}>
              <HandsMark hands={hands} /> {group[hands]} <small>{texts.hands[hands]}</small>
            </span>
          ))}
      </span>
    </li>
  )
})

/**
 * The window as a wall: dark, nothing but the figures, the display kept awake; over when the browser leaves
 * the full screen. Returns whether somebody has just moved the pointer.
 */
function useWallScreen(): boolean {
  const [isStirred, setIsStirred] = useState(false)

  useCommand('back', leaveWall)
  useEffect(() => {
    const root = document.documentElement
    root.dataset.wall = ''
    root.dataset.theme = 'dark'
    const changed = () => document.fullscreenElement ?? leaveWall()
    document.addEventListener('fullscreenchange', changed)
    return () => {
      document.removeEventListener('fullscreenchange', changed)
      if (document.fullscreenElement) void document.exitFullscreen()
      delete root.dataset.wall
      const { theme } = preferences.getSnapshot()
      if (theme === 'system') delete root.dataset.theme
      else root.dataset.theme = theme
    }
  }, [])

  useEffect(() => {
    let lock: WakeLockSentinel | null = null
    let isWanted = true
    // The browser takes the lock away from a page that is not in sight.
    const keepAwake = async () => {
      if (document.hidden || !('wakeLock' in navigator)) return
      const got = await navigator.wakeLock.request('screen').catch(() => null) // low battery, say
      if (isWanted) lock = got
      else void got?.release()
    }
    void keepAwake()
    document.addEventListener('visibilitychange', keepAwake)
    return () => {
      isWanted = false
      document.removeEventListener('visibilitychange', keepAwake)
      void lock?.release()
    }
  }, [])

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stir = () => {
      clearTimeout(timer)
      setIsStirred(true)
      timer = setTimeout(() => setIsStirred(false), STIRRED_MS)
    }
    addEventListener('pointermove', stir)
    return () => {
      clearTimeout(timer)
      removeEventListener('pointermove', stir)
    }
  }, [])
  return isStirred
}
