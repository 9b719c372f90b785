import { Drafts, perAgent } from '../drafts'

/** An edited flow that is not saved. `baseVersion` is what was edited, 0 for a new flow. */
export interface Draft {
  readonly baseVersion: number
  readonly source: string
  readonly comment: string
}

/** Unsaved flows of one agent, by their codes. */
export type FlowDrafts = Drafts<Draft>

const isDraft = ({ baseVersion, source, comment }: Draft): boolean =>
  typeof baseVersion === 'number' && typeof source === 'string' && typeof comment === 'string'

export const flowDrafts = (agentId: string): FlowDrafts => new Drafts('flow', agentId, isDraft)

export const draftsOf = perAgent(flowDrafts)
