import type { GroupNow } from '@wecc/protocol'
import { memo, use } from 'react'

import { hashOf } from '../place'
import { useTexts } from '../texts'
import { PlanContext, useGroupName, useTierNames } from './context'
import { HandsMark } from './marks'
import { moveAmongRows } from './rows'

export interface GroupsTableProps {
  readonly groups: readonly GroupNow[]
  readonly openGroup: string | null
}

/** Each group's agents by state, and how much of its capacity is taken. */
export const GroupsTable = memo(function GroupsTable({ groups, openGroup }: GroupsTableProps) {
  const { floor: texts } = useTexts()
  const groupName = useGroupName()
  const tierNames = useTierNames()
  const plan = use(PlanContext)
  if (groups.length === 0) return <p className="floor-empty">{texts.noGroups}</p>
  return (
    <table className="floor-table floor-groups" onKeyDown={moveAmongRows}>
      <caption className="visually-hidden">{texts.groups}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.group}</th>
          <th scope="col" className="cell-hands">
            <span className="visually-hidden">{texts.state}</span>
          </th>
          {handsShown.map((hands) => (
            <th key={hands} scope="col" className="cell-number" title={texts.hands[hands]}>
              <HandsMark hands={hands} />
              <span className="visually-hidden">{texts.hands[hands]}</span>
            </th>
          ))}
          <th scope="col" className="cell-number cell-load">
            {texts.load}
          </th>
          <th scope="col" className="cell-serves cell-more">
            {texts.serves}
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((one) => (
          <GroupRow
            key={one.group}
            group={one}
            name={groupName(one.group)}
            serves={tierNames(plan?.groups.find((two) => two.code === one.group)?.tiers ?? [])}
            isOpen={one.group === openGroup}
          />
        ))}
      </tbody>
    </table>
  )
})

export const handsShown = ['free', 'busy', 'paused', 'unstable'] as const

interface GroupRowProps {
  readonly group: GroupNow
  readonly name: string
  readonly serves: string
  readonly isOpen: boolean
}

const GroupRow = memo(function GroupRow({ group, name, serves, isOpen }: GroupRowProps) {
  const { floor: texts } = useTexts()
  return (
    <tr data-open={isOpen || undefined}>
      <th scope="row">
        <a
          id={`floor-group-${group.group}`}
          data-row
          aria-current={isOpen ? 'true' : undefined}
          href={hashOf({ name: 'floor', view: { kind: 'group', code: group.group } })}
          title={name}
        >
          {name}
        </a>
      </th>
      <td className="cell-hands">
        <HandsBar group={group} />
      </td>
      {handsShown.map((hands) => (
        <td key={hands} className="cell-number" data-zero={group[hands] === 0 || undefined}>
          {group[hands]}
        </td>
      ))}
      <td className="cell-number cell-load">{texts.loadOf(group.load, group.capacity)}</td>
      <td className="cell-serves cell-more" title={serves}>
        {serves}
      </td>
    </tr>
  )
})

/** The agents by state, as parts of a whole; the numbers stand beside it. */
export function HandsBar({ group }: { readonly group: GroupNow }) {
  const all = handsShown.reduce((sum, hands) => sum + group[hands], 0)
  let x = 0
  return (
    <svg className="hands-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden>
      <rect className="rate-bar-track" width="100" height="10" />
      {all > 0 &&
        handsShown.map((hands) => {
          const width = (100 * group[hands]) / all
          const from = x
          x += width
          return <rect key={hands} data-hands={hands} x={from} width={width} height="10" />
        })}
    </svg>
  )
}
