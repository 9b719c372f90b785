import type {
  AgentRef,
  AgentSession,
  CannedReply,
  ConversationSummary,
  Desk,
  Marks,
  Offer,
  Presence,
  TierView,
} from '@wecc/protocol'
import { Store } from '@wecc/realtime'

/** An offer on the desk. `gone`: why it is over; the card says so briefly. */
export interface OfferCard {
  readonly offer: Offer
  readonly doing: 'accept' | 'decline' | null
  readonly gone: string | null
}

export interface DeskState {
  /** False until the first `desk:open` was answered. */
  readonly isReady: boolean
  readonly me: AgentRef
  readonly role: AgentSession['role']
  readonly presence: Presence | null
  readonly tiers: ReadonlyMap<string, TierView>
  readonly colleagues: ReadonlyMap<string, Presence>
  readonly cannedReplies: readonly CannedReply[]
  /** Open conversations and those in wrap-up. */
  readonly conversations: ReadonlyMap<string, ConversationSummary>
  readonly offers: readonly OfferCard[]
}

export const emptyDesk = (session: AgentSession): DeskState => ({
  isReady: false,
  me: session.agent,
  role: session.role,
  presence: null,
  tiers: new Map(),
  colleagues: new Map(),
  cannedReplies: [],
  conversations: new Map(),
  offers: [],
})

export type DeskChange =
  | { readonly type: 'opened'; readonly desk: Desk }
  | { readonly type: 'conversation'; readonly conversation: ConversationSummary }
  | { readonly type: 'marks'; readonly conversation_id: string; readonly marks: Marks }
  | { readonly type: 'presence'; readonly presence: Presence }
  | { readonly type: 'canned_replies'; readonly cannedReplies: readonly CannedReply[] }
  | { readonly type: 'offer'; readonly offer: Offer }
  | { readonly type: 'offer_doing'; readonly id: string; readonly doing: OfferCard['doing'] }
  | { readonly type: 'offer_gone'; readonly id: string; readonly version?: number; readonly cause: string }
  | { readonly type: 'offer_cleared'; readonly id: string; readonly version: number }

/** The desk after a change. Pure; a repeated or late change does no harm. */
export function change(state: DeskState, what: DeskChange): DeskState {
  switch (what.type) {
    case 'opened': {
      const { desk } = what
      const conversations = new Map(desk.conversations.map((one) => [one.id, one]))
      for (const one of desk.conversations) {
        const known = state.conversations.get(one.id)
        if (known) conversations.set(one.id, newer(known, one))
      }
      return {
        ...state,
        isReady: true,
        me: desk.me,
        role: desk.role,
        presence: desk.presence,
        tiers: new Map(desk.tiers.map((tier) => [tier.code, tier])),
        colleagues: new Map(desk.colleagues.map((one) => [one.agent.id, one])),
        cannedReplies: desk.canned_replies,
        conversations,
        offers: desk.offers.map(fresh),
      }
    }
    case 'conversation': {
      const known = state.conversations.get(what.conversation.id)
      const next = known ? newer(known, what.conversation) : what.conversation
      if (next === known) return state
      const conversations = new Map(state.conversations)
      if (next.status === 'closed' && !next.is_wrap_up) conversations.delete(next.id)
      else conversations.set(next.id, next)
      return { ...state, conversations }
    }
    case 'marks': {
      const known = state.conversations.get(what.conversation_id)
      if (!known) return state
      const conversations = new Map(state.conversations)
      conversations.set(known.id, { ...known, marks: furthest(known.marks, what.marks) })
      return { ...state, conversations }
    }
    case 'presence': {
      const { presence } = what
      if (presence.agent.id === state.me.id) return { ...state, presence }
      return { ...state, colleagues: new Map(state.colleagues).set(presence.agent.id, presence) }
    }
    case 'canned_replies':
      return { ...state, cannedReplies: what.cannedReplies }
    case 'offer': {
      const { id } = what.offer.conversation
      const known = state.offers.find((card) => card.offer.conversation.id === id)
      if (known && known.offer.version >= what.offer.version) return state
      return { ...state, offers: [...state.offers.filter((card) => card !== known), fresh(what.offer)] }
    }
    case 'offer_doing':
      return withOffer(state, what.id, (card) => ({ ...card, doing: what.doing }))
    case 'offer_gone':
      return withOffer(state, what.id, (card) =>
        card.gone !== null || (what.version !== undefined && what.version < card.offer.version)
          ? card
          : { ...card, doing: null, gone: what.cause },
      )
    case 'offer_cleared': {
      const offers = state.offers.filter(
        ({ offer }) => offer.conversation.id !== what.id || offer.version > what.version,
      )
      return offers.length === state.offers.length ? state : { ...state, offers }
    }
  }
}

const fresh = (offer: Offer): OfferCard => ({ offer, doing: null, gone: null })

function withOffer(state: DeskState, id: string, alter: (card: OfferCard) => OfferCard): DeskState {
  return {
    ...state,
    offers: state.offers.map((card) => (card.offer.conversation.id === id ? alter(card) : card)),
  }
}

/** Of two views of one conversation the one that saw more of its log; marks never go back. */
export function newer(known: ConversationSummary, other: ConversationSummary): ConversationSummary {
  if (other.last_seq < known.last_seq) return known
  return { ...other, marks: furthest(known.marks, other.marks) }
}

export const furthest = (a: Marks, b: Marks): Marks => ({
  visitor_delivered_seq: Math.max(a.visitor_delivered_seq, b.visitor_delivered_seq),
  visitor_read_seq: Math.max(a.visitor_read_seq, b.visitor_read_seq),
  agent_delivered_seq: Math.max(a.agent_delivered_seq, b.agent_delivered_seq),
  agent_read_seq: Math.max(a.agent_read_seq, b.agent_read_seq),
})

export class DeskStore extends Store<DeskState> {
  change(what: DeskChange): void {
    this.set(change(this.getSnapshot(), what))
  }
}
