import { expect, it } from 'vitest'

import { hashOf, parse } from './place'

it.each([
  ['', { name: 'desk', conversationId: null }],
  ['#/', { name: 'desk', conversationId: null }],
  ['#/c/01jd-x_9', { name: 'desk', conversationId: '01jd-x_9' }],
  ['#/c/../evil', { name: 'desk', conversationId: null }],
  ['#/canned', { name: 'canned' }],
  ['#/agents', { name: 'agents' }],
  ['#/floor', { name: 'floor', view: null }],
  ['#/floor/wall', { name: 'floor', view: { kind: 'wall' } }],
  ['#/floor/tier/group_key', { name: 'floor', view: { kind: 'tier', code: 'group_key' } }],
  ['#/floor/group/mass_market', { name: 'floor', view: { kind: 'group', code: 'mass_market' } }],
  ['#/routing', { name: 'routing', section: null, item: null }],
  ['#/routing/hours', { name: 'routing', section: 'hours', item: null }],
  ['#/routing/tiers/group_key', { name: 'routing', section: 'tiers', item: 'group_key' }],
  ['#/routing/tiers/../evil', { name: 'desk', conversationId: null }],
  ['#/floor/tier/../evil', { name: 'desk', conversationId: null }],
])('%s', (hash, place) => expect(parse(hash)).toEqual(place))

it.each([
  '#/',
  '#/c/01jd-x_9',
  '#/canned',
  '#/floor',
  '#/floor/wall',
  '#/floor/tier/vip',
  '#/floor/group/a-1',
  '#/routing',
  '#/routing/versions/12',
])('%s is written as it was read', (hash) => expect(hashOf(parse(hash))).toBe(hash))
