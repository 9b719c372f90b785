import { expect, it, vi } from 'vitest'

import { hashOf, parse, place } from './place'

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
  ['#/knowledge', { name: 'knowledge', section: null, item: null }],
  ['#/knowledge/articles/new', { name: 'knowledge', section: 'articles', item: 'new' }],
  ['#/flows', { name: 'flows', code: null, view: null }],
  ['#/flows/group_key/versions', { name: 'flows', code: 'group_key', view: 'versions' }],
  ['#/flows/../evil', { name: 'desk', conversationId: null }],
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
  '#/knowledge/hot/0a-1',
  '#/flows/szx',
  '#/flows/szx/changes',
])('%s is written as it was read', (hash) => expect(hashOf(parse(hash))).toBe(hash))

it('asks before one leaves, and stays where one is until it may', async () => {
  place.go({ name: 'knowledge', section: 'articles', item: 'a1' })
  await vi.waitFor(() => expect(place.getSnapshot()).toMatchObject({ item: 'a1' }))
  const asked: string[] = []
  let mayLeave = false
  const release = place.guard((next) => {
    asked.push(hashOf(next))
    return mayLeave
  })
  location.hash = '#/canned'
  await vi.waitFor(() => expect(asked).toEqual(['#/canned']))
  expect(place.getSnapshot()).toMatchObject({ item: 'a1' })
  expect(location.hash).toBe('#/knowledge/articles/a1')

  mayLeave = true
  place.go({ name: 'canned' })
  await vi.waitFor(() => expect(place.getSnapshot()).toEqual({ name: 'canned' }))
  release()
})
