import { expect, it } from 'vitest'

import { parse } from './place'

it.each([
  ['', { name: 'desk', conversationId: null }],
  ['#/', { name: 'desk', conversationId: null }],
  ['#/c/01jd-x_9', { name: 'desk', conversationId: '01jd-x_9' }],
  ['#/c/../evil', { name: 'desk', conversationId: null }],
  ['#/canned', { name: 'canned' }],
  ['#/agents', { name: 'agents' }],
])('%s', (hash, place) => expect(parse(hash)).toEqual(place))
