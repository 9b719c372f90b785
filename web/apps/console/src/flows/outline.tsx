import type { FlowNode, FlowView } from '@wecc/protocol'
import { plainText } from '@wecc/ui'
import { ArrowRight } from 'lucide-react'

import { addressOf } from './address'
import { useFlows } from './context'
import type { FlowEditing } from './editor'
import { wordsOf } from './words'

export interface OutlineProps {
  readonly editing: FlowEditing
  readonly shared: FlowView | null
  readonly onGo: (line: number) => void
}

/** The nodes in their order, with what they lead to; a click goes to the line. */
export function Outline({ editing, shared, onGo }: OutlineProps) {
  const { texts, locale } = useFlows()
  const words = texts.outline
  const { check, checked, source } = editing
  if (check.outline.length === 0) return <p className="flows-hint flows-empty">{words.empty}</p>
  const own = new Map(check.outline.map((node) => [node.id, node]))
  const isStale = checked === source && check.problems.some(({ code }) => code.startsWith('yaml.'))
  return (
    <div className="flows-outline">
      {isStale && <p className="flows-stale">{words.stale}</p>}
      <ol>
        {check.outline.map((node) => (
          <li key={node.id} data-lost={!node.is_reachable || undefined}>
            <button type="button" className="flows-node" onClick={() => onGo(node.line)}>
              <code>{node.id}</code>
              <small data-kind={node.kind}>{words.kinds[node.kind]}</small>
              {!node.is_reachable && <small className="flows-lost">{words.unreachable}</small>}
              <span className="clip">{plainText(wordsOf(node, locale))}</span>
            </button>
            {node.leads_to.length > 0 && (
              <p className="flows-leads">
                <ArrowRight size={12} aria-label={words.leadsTo} />
                {node.leads_to.map((id) => (
                  <Target key={id} id={id} own={own} shared={shared} onGo={onGo} />
                ))}
              </p>
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}

interface TargetProps {
  readonly id: string
  readonly own: ReadonlyMap<string, FlowNode>
  readonly shared: FlowView | null
  readonly onGo: (line: number) => void
}

function Target({ id, own, shared, onGo }: TargetProps) {
  const { outline: words } = useFlows().texts
  const node = own.get(id)
  if (node)
    return (
      <button type="button" className="flows-target" onClick={() => onGo(node.line)}>
        {id}
      </button>
    )
  if (id === 'home') return <span className="flows-target">{words.home}</span>
  if (shared?.outline.some((one) => one.id === id))
    return (
      <a
        className="flows-target"
        href={addressOf(shared.summary.code)}
        title={words.sharedNode(shared.summary.code)}
      >
        {id}
      </a>
    )
  return (
    <span className="flows-target" data-missing title={words.missing}>
      {id}
      <span className="visually-hidden"> {words.missing}</span>
    </span>
  )
}
