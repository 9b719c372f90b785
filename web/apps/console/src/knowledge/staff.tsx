import type { StaffList, StaffView } from '@wecc/protocol'
import { useState } from 'react'

import { useReading } from '../reading'
import { useTexts } from '../texts'
import { useKnowledge } from './context'
import { Problem, Waiting } from './controls'
import { at, send, useAct } from './use-act'

/** Who may write and who may review. Source: 3.2.2-13. */
export function StaffSection() {
  const { texts } = useKnowledge()
  const words = texts.staff
  const { roles } = useTexts()
  const reading = useReading<StaffList>(at('staff'))
  const [filter, setFilter] = useState('')
  const [isNamedOnly, setIsNamedOnly] = useState(false)
  const { error, act } = useAct()
  const { say } = useKnowledge()
  if (!reading.value) return <Waiting reading={reading} />
  const wanted = filter.trim().toLowerCase()
  const isNamed = (one: StaffView) => one.is_editor || one.is_reviewer || one.role === 'administrator'
  const shown = reading.value.staff.filter(
    (one) => one.agent.name.toLowerCase().includes(wanted) && (!isNamedOnly || isNamed(one)),
  )
  const set = (one: StaffView, part: Partial<StaffView>) =>
    void act(async () => {
      const { is_editor, is_reviewer } = { ...one, ...part }
      reading.put(await send<StaffList>('PUT', 'staff', { agent_id: one.agent.id, is_editor, is_reviewer }))
      say(words.saved(one.agent.name))
    })
  return (
    <>
      <h2>{words.title}</h2>
      <p className="kb-intro">{words.intro}</p>
      <div className="kb-filter">
        <input
          className="input kb-narrow"
          type="search"
          aria-label={words.filter}
          placeholder={words.filter}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <label>
          <input
            type="checkbox"
            checked={isNamedOnly}
            onChange={(event) => setIsNamedOnly(event.target.checked)}
          />
          {words.only}
        </label>
      </div>
      <Problem error={error} />
      <table className="kb-table kb-staff">
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.role}</th>
            <th scope="col">{words.editor}</th>
            <th scope="col">{words.reviewer}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.agent.id}>
              <th scope="row">{one.agent.name}</th>
              <td>{roles[one.role]}</td>
              {one.role === 'administrator' ? (
                <td colSpan={2} className="kb-faint">
                  {words.always}
                </td>
              ) : (
                <>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={words.editorOf(one.agent.name)}
                      checked={one.is_editor}
                      onChange={(event) => set(one, { is_editor: event.target.checked })}
                    />
                  </td>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={words.reviewerOf(one.agent.name)}
                      checked={one.is_reviewer}
                      onChange={(event) => set(one, { is_reviewer: event.target.checked })}
                    />
                  </td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p className="kb-hint">{wanted ? words.nobodyFound : words.nobody}</p>}
    </>
  )
}
