import type { AttachmentView, FilledField } from '@wecc/protocol'

/** What the visitor says: words and files, or an answer to self-service. */
export interface Draft {
  /** Of a quick reply: its label. */
  readonly text: string
  readonly attachments: readonly AttachmentView[]
  /** The quick reply that was chosen. */
  readonly option?: string
  /** A form that was filled in. */
  readonly fields?: readonly FilledField[]
}

/** The quick reply that asks for a person; self-service takes it at any time. */
export const PERSON = 'person'

/** A wish to be answered later, and how to be reached, if that is told. */
export interface Leaving {
  readonly conversation_id: string
  readonly contact: string
}

/** No answer to a step. */
export const isOwnWords = ({ option, fields }: Draft): boolean => !option && !fields

export const CLOSED = 'conversation.closed'

/** An agent has taken it, or it is over: there is nothing left to leave. */
export const overtaken: ReadonlySet<string> = new Set([
  'routing.not_waiting',
  'routing.unknown_work',
  CLOSED,
])

export const FORM_INVALID = 'flow.form_invalid'

/** The newest step was answered elsewhere, or a person has it by now. */
export const STEP_OVER = 'flow.over'
