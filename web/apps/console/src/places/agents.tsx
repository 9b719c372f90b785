import type { AgentList, AgentView, ChangeAgent } from '@wecc/protocol'
import { http } from '@wecc/realtime'
import { useEffect, useState } from 'react'
import { Input, SearchField } from 'react-aria-components'

import { StateMark } from '../bar/state-mark'
import { stateText } from '../bar/status-menu'
import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { useDesk } from '../desk/context'
import { useTexts } from '../texts'

const ADDRESS = '/api/v1/agents'
const roles = ['agent', 'supervisor', 'administrator'] as const

/** Accounts of the center, for administrators: roles, disabling, unlocking. Source: 3.4.1-04, 3.4.1-05. */
export function AgentsPlace() {
  const texts = useTexts()
  const [agents, setAgents] = useState<readonly AgentView[] | null>(null)
  const [query, setQuery] = useState('')
  const [said, setSaid] = useState('')
  const [error, setError] = useState<unknown>(null)

  useEffect(() => {
    http<AgentList>(ADDRESS).then((answer) => setAgents(answer.agents), setError)
  }, [])

  const change = async (agent: AgentView, what: ChangeAgent) => {
    setSaid('')
    setError(null)
    try {
      const changed = await http<AgentView>(`${ADDRESS}/${agent.agent.id}`, { method: 'PATCH', body: what })
      setAgents((all) => all?.map((one) => (one.agent.id === changed.agent.id ? changed : one)) ?? null)
      setSaid(texts.agents.saved(changed.agent.name))
    } catch (thrown) {
      setError(thrown)
    }
  }

  const wanted = query.trim().toLowerCase()
  const shown = agents?.filter((one) => `${one.agent.name} ${one.login}`.toLowerCase().includes(wanted))
  return (
    <main className="place">
      <header className="place-header">
        <h1>{texts.agents.title}</h1>
        <SearchField
          className="place-filter"
          aria-label={texts.agents.filter}
          value={query}
          onChange={setQuery}
        >
          <Input className="input" placeholder={texts.agents.filter} />
        </SearchField>
        <span role="status">{said}</span>
        {error !== null && (
          <span className="problem" role="alert">
            {agents && texts.agents.failed} {errorText(error, texts)}
          </span>
        )}
      </header>
      <div className="place-scroll">
        <table className="accounts">
          <thead>
            <tr>
              <th scope="col">{texts.agents.name}</th>
              <th scope="col">{texts.agents.login}</th>
              <th scope="col">{texts.agents.role}</th>
              <th scope="col">{texts.agents.presence}</th>
              <th scope="col">{texts.agents.state}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {shown?.map((one) => (
              <Account key={one.agent.id} account={one} onChange={(what) => void change(one, what)} />
            ))}
          </tbody>
        </table>
        <p className="side-empty">{texts.agents.dropHint}</p>
      </div>
    </main>
  )
}

interface AccountProps {
  readonly account: AgentView
  readonly onChange: (what: ChangeAgent) => void
}

function Account({ account, onChange }: AccountProps) {
  const texts = useTexts()
  const { agent, login, role, is_disabled, is_locked } = account
  const me = useDesk((desk) => desk.me)
  const presence = useDesk((desk) =>
    agent.id === desk.me.id ? desk.presence : desk.colleagues.get(agent.id),
  )
  const [isAsking, setIsAsking] = useState(false)
  const isSelf = agent.id === me.id
  return (
    <tr data-disabled={is_disabled || undefined}>
      <th scope="row">
        {agent.name}
        {isSelf && <small> {texts.agents.self}</small>}
      </th>
      <td className="figures">{login}</td>
      <td>
        <select
          className="input"
          aria-label={texts.agents.role}
          value={role}
          disabled={isSelf}
          onChange={(event) => onChange({ role: event.target.value as AgentView['role'] })}
        >
          {roles.map((one) => (
            <option key={one} value={one}>
              {texts.roles[one]}
            </option>
          ))}
        </select>
      </td>
      <td>
        {presence && (
          <span className="accounts-presence">
            <StateMark state={presence.state} />
            {stateText(presence, texts)}
          </span>
        )}
      </td>
      <td>
        <span className="account-state" data-bad={is_disabled || is_locked || undefined}>
          {is_disabled ? texts.agents.disabled : is_locked ? texts.agents.locked : texts.agents.enabled}
        </span>
      </td>
      <td className="accounts-actions">
        {is_locked && !is_disabled && (
          <Button onPress={() => onChange({ is_unlocked: true })}>{texts.agents.unlock}</Button>
        )}
        {!isSelf && is_disabled && (
          <Button onPress={() => onChange({ is_disabled: false })}>{texts.agents.enable}</Button>
        )}
        {!isSelf && !is_disabled && !isAsking && (
          <Button look="quiet" onPress={() => setIsAsking(true)}>
            {texts.agents.disable}
          </Button>
        )}
        {isAsking && !is_disabled && (
          <>
            <Button
              look="danger"
              autoFocus
              onPress={() => {
                setIsAsking(false)
                onChange({ is_disabled: true })
              }}
            >
              {texts.agents.disable}
            </Button>
            <Button look="quiet" onPress={() => setIsAsking(false)}>
              {texts.canned.cancel}
            </Button>
          </>
        )}
      </td>
    </tr>
  )
}
