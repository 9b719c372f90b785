import { expect, it } from 'vitest'

import { joined, linesOf } from './lines'

it('reads pasted questions without their bullets and numbers', () => {
  expect(
    linesOf('1. 怎么改套餐？\r\n2、 套餐 如何变更\n\n- 换套餐\n• 改资费\n  5G 怎么开通  \n3.5元套餐是什么'),
  ).toEqual(['怎么改套餐？', '套餐 如何变更', '换套餐', '改资费', '5G 怎么开通', '3.5元套餐是什么'])
})

it('cuts what is longer than a question may be', () => {
  expect(linesOf('长'.repeat(500))[0]).toHaveLength(300)
})

it('keeps each question once', () => {
  expect(joined(['开通 5G', 'a'], ['开通5g', 'B', 'A', 'b'])).toEqual(['开通 5G', 'a', 'B'])
})
