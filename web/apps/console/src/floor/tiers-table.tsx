import type { QueueNow } from '@wecc/protocol'
import { memo } from 'react'

import { useTierName } from '../desk/context'
import { distance, percent } from '../desk/reason'
import { hashOf } from '../place'
import { useTexts } from '../texts'
import { queueKey } from './history'
import { LongestWait, RateBar, StandingMark } from './marks'
import { moveAmongRows } from './rows'
import { isMessage, standingOf } from './standing'

export interface TiersTableProps {
  readonly queues: readonly QueueNow[]
  readonly openTier: string | null
}

/** Each tier against its target; a row opens who waits there. Source: 2.4.3-03. */
export const TiersTable = memo(function TiersTable({ queues, openTier }: TiersTableProps) {
  const { floor: texts } = useTexts()
  const tierName = useTierName()
  const messages = queues.filter(isMessage)
  const live = queues.filter((one) => !isMessage(one))
  const hasChannels = live.some((one) => one.channel !== 'chat')
  const rowOf = (one: QueueNow) => (
    <TierRow
      key={queueKey(one)}
      queue={one}
      name={tierName(one.tier)}
      channel={hasChannels ? texts.channels[one.channel] : null}
      isOpen={one.tier === openTier}
    />
  )
  return (
    <table className="floor-table floor-tiers" onKeyDown={moveAmongRows}>
      <caption className="visually-hidden">{texts.tiers}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.tier}</th>
          <th scope="col">{texts.state}</th>
          <th scope="col" className="cell-bar">
            <span className="visually-hidden">{texts.rate}</span>
          </th>
          <th scope="col" className="cell-number">
            {texts.rate}
          </th>
          <th scope="col" className="cell-number">
            {texts.target}
          </th>
          <th scope="col" className="cell-number" title={texts.gapHint}>
            {texts.gap}
          </th>
          <th scope="col" className="cell-number">
            {texts.waiting}
          </th>
          <th scope="col" className="cell-number">
            {texts.longest}
          </th>
          <th scope="col" className="cell-number cell-more">
            {texts.ready}
          </th>
          <th scope="col" className="cell-number cell-more">
            {texts.asked}
          </th>
          <th scope="col" className="cell-number cell-more">
            {texts.abandoned}
          </th>
          <th scope="col" className="cell-number cell-more" title={texts.excessHint}>
            {texts.excess}
          </th>
        </tr>
      </thead>
      <tbody>{live.map(rowOf)}</tbody>
      {messages.length > 0 && (
        <tbody>
          <tr className="floor-rowgroup">
            <th scope="rowgroup" colSpan={8}>
              {texts.channels.message}
            </th>
            <td className="cell-more" colSpan={4} />
          </tr>
          {messages.map(rowOf)}
        </tbody>
      )}
    </table>
  )
})

interface TierRowProps {
  readonly queue: QueueNow
  readonly name: string
  readonly channel: string | null
  readonly isOpen: boolean
}

const TierRow = memo(function TierRow({ queue, name, channel, isOpen }: TierRowProps) {
  const { floor: texts } = useTexts()
  const standing = standingOf(queue)
  const isRated = standing !== 'none'
  return (
    <tr data-open={isOpen || undefined} data-standing={standing}>
      <th scope="row">
        <a
          id={isMessage(queue) ? undefined : `floor-tier-${queue.tier}`}
          data-row
          aria-current={isOpen ? 'true' : undefined}
          href={hashOf({ name: 'floor', view: { kind: 'tier', code: queue.tier } })}
          title={name}
        >
          {name}
        </a>
        {channel && <small>{channel}</small>}
      </th>
      <td className="cell-state">
        <StandingMark standing={standing} />
      </td>
      <td className="cell-bar">
        <RateBar queue={queue} />
      </td>
      <td className="cell-number cell-rate">{isRated ? percent(queue.rate) : texts.noRate}</td>
      <td className="cell-number cell-target">{percent(queue.target)}</td>
      <td className="cell-number cell-gap">{isRated ? distance(queue.rate, queue.target) : texts.noRate}</td>
      <td
        className="cell-number cell-waiting"
        data-label={texts.waiting}
        data-any={queue.waiting > 0 || undefined}
      >
        {queue.waiting}
      </td>
      <td className="cell-number cell-longest">
        <LongestWait queue={queue} />
      </td>
      <td className="cell-number cell-more">{queue.agents_ready}</td>
      <td className="cell-number cell-more">{queue.asked}</td>
      <td className="cell-number cell-more">{queue.abandoned}</td>
      <td className="cell-number cell-more">
        {isRated ? texts.seconds(queue.mean_excess_s.toFixed(1)) : texts.noRate}
      </td>
    </tr>
  )
})
