"""The conversations' part of the socket contract. Source: 3.4.3-03; design §7."""

from wecc.conversations import schemas as s
from wecc.infra.protocol import Audience, notice, request
from wecc.infra.wire import Nothing

_VISITOR, _AGENT, _BOTH = Audience.VISITOR, Audience.AGENT, Audience.BOTH

# The visitor's side
RESUME = request("visitor:resume", Nothing, s.VisitorState, _VISITOR)
"""Start or resume: who one is, the open (or newest) conversation, its newest events. Also follows its log."""
VIEW_PAGE = request("visitor:view_page", s.ViewPage, Nothing, _VISITOR)
"""Tell which page is shown."""
START = request("conversation:start", s.StartConversation, s.VisitorState, _VISITOR)
"""Ask for a person: the request is durable and queued once this is acked."""

LEAVE_MESSAGE = request("conversation:leave_message", s.LeaveMessage, s.VisitorState, _VISITOR)
"""Leave a message instead of waiting, and how to be reached; also adds the contact to a message."""

# The console's side
OPEN_DESK = request("desk:open", Nothing, s.Desk, _AGENT)
"""Start or resume a console; also follows the lists and one's offers."""
LIST = request("desk:list", s.ListConversations, s.ConversationList, _AGENT)
"""Conversations the agent may see, newest first, filtered or searched."""
OPEN = request("conversation:open", s.ConversationRef, s.OpenedConversation, _AGENT)
"""Open a thread and follow its log."""
UNFOLLOW = request("conversation:unfollow", s.ConversationRef, Nothing, _AGENT)
"""Stop following a thread."""
ADD_NOTE = request("conversation:add_note", s.AddNote, s.Appended, _AGENT)
"""Write a remark only agents see."""
TRANSFER = request("conversation:transfer", s.Transfer, Nothing, _AGENT)
"""Hand the conversation, whole, to a colleague or to a tier's queue."""
ACCEPT = request("routing:accept_offer", s.AcceptOffer, s.OpenedConversation, _AGENT)
"""Take an offered request; also follows its log. Refused with `routing.offer_gone` when too late."""
DECLINE = request("routing:decline_offer", s.DeclineOffer, Nothing, _AGENT)
"""Give an offered request back to its place."""
PICK = request("routing:pick_work", s.ConversationRef, s.OpenedConversation, _AGENT)
"""Take a waiting request by hand."""
END_WRAP_UP = request("routing:end_wrap_up", s.ConversationRef, Nothing, _AGENT)
"""Done with the notes after a conversation: the capacity is free again."""
SET_PRESENCE = request("presence:set", s.SetPresence, s.Presence, _AGENT)
"""Be ready, pause with a reason, or leave the desk."""
BEAT = request("presence:beat", Nothing, Nothing, _AGENT)
"""Say every 5 s that the console lives."""

# Both sides
SEND_MESSAGE = request("conversation:send_message", s.SendMessage, s.Appended, _BOTH)
"""Write text, files or both; acked once stored."""
READ_LOG = request("conversation:read_log", s.ReadLog, s.LogPage, _BOTH)
"""Read events from a cursor."""
SET_MARKS = request("conversation:set_marks", s.SetMarks, s.Marks, _BOTH)
"""Say up to where events were delivered and read; never goes back."""
SET_TYPING = request("conversation:set_typing", s.SetTyping, Nothing, _BOTH)
"""Say that one is typing; ephemeral."""
CLOSE = request("conversation:close", s.CloseConversation, Nothing, _BOTH)
"""End the conversation, or stop waiting."""

# Notices
EVENT_APPENDED = notice("conversation:event_appended", s.EventAppended, _BOTH)
"""A new event of a followed log."""
MARKS_MOVED = notice("conversation:marks_moved", s.MarksMoved, _BOTH)
"""Somebody received or read."""
TYPING_CHANGED = notice("conversation:typing_changed", s.TypingChanged, _BOTH)
"""Somebody types, or stopped."""
PLACE_CHANGED = notice("queue:place_changed", s.PlaceChanged, _VISITOR)
"""One's place in line moved."""
CONVERSATION_CHANGED = notice("desk:conversation_changed", s.ConversationChanged, _AGENT)
"""A row of the lists is new or different."""
OFFER_MADE = notice("routing:offer_made", s.OfferMade, _AGENT)
"""A request for this agent; also sent again on `desk:open` as part of the desk."""
OFFER_WITHDRAWN = notice("routing:offer_withdrawn", s.OfferWithdrawn, _AGENT)
"""The offer is over."""
PRESENCE_CHANGED = notice("presence:changed", s.PresenceChanged, _AGENT)
"""Agents' states or loads changed, one's own included."""
