import { describe, expect, it } from 'vitest'

import { clockTime, dayName, duration, fileSize, relativeTime } from './time'

const at = (text: string) => new Date(text).getTime()
const now = at('2026-03-05T14:05:30')

describe('times', () => {
  it('clock', () => {
    expect(clockTime(now, 'zh-CN')).toBe('14:05')
    expect(clockTime(at('2026-03-05T00:07:00'), 'en')).toBe('00:07')
  })

  it('days', () => {
    expect(dayName(at('2026-03-05T00:00:00'), 'zh-CN', now)).toBe('今天')
    expect(dayName(at('2026-03-04T23:59:00'), 'en', now)).toBe('Yesterday')
    expect(dayName(at('2026-03-02T10:00:00'), 'zh-CN', now)).toBe('3月2日星期一')
    expect(dayName(at('2025-12-31T10:00:00'), 'en', now)).toBe('Wednesday, December 31, 2025')
  })

  it('relative', () => {
    expect(relativeTime(now - 20_000, 'zh-CN', now)).toBe('刚刚')
    expect(relativeTime(now - 5 * 60_000, 'zh-CN', now)).toBe('5 分钟前')
    expect(relativeTime(now - 5 * 60_000, 'en', now)).toBe('5 min ago')
    expect(relativeTime(at('2026-03-05T09:01:00'), 'en', now)).toBe('09:01')
    expect(relativeTime(at('2026-03-04T09:01:00'), 'zh-CN', now)).toBe('昨天')
    expect(relativeTime(at('2026-01-04T09:01:00'), 'zh-CN', now)).toBe('1/4')
    expect(relativeTime(at('2026-01-04T09:01:00'), 'en', now)).toBe('Jan 4')
  })

  it('durations', () => {
    expect([-5, 8_000, 125_000, 3_720_000].map(duration)).toEqual(['0″', '8″', '2′05″', '1 h 02′'])
  })

  it('file sizes', () => {
    expect([812, 24 * 1024, 3.44 * 1024 ** 2].map((n) => fileSize(n, 'zh-CN'))).toEqual([
      '812 B',
      '24 KB',
      '3.4 MB',
    ])
  })
})
