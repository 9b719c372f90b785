import { expect, it } from 'vitest'

import { browserName } from './browser-name'

it.each([
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    'Chrome 141 · Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0',
    'Edge 141 · Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1',
    'Safari 18 · iOS',
  ],
  ['Mozilla/5.0 (Linux; Android 15) Chrome/140.0 MicroMessenger/8.0.50', 'WeChat 8.0.50 · Android'],
  ['curl/8', ''],
])('%s', (userAgent, name) => expect(browserName(userAgent)).toBe(name))
