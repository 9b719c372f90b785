import { defineConfig, type Plugin } from 'vite'

/** The line is a WebSocket from the start: Engine.IO's other transports need not be downloaded. */
const webSocketOnly: Plugin = {
  name: 'wecc:websocket-only',
  transform: {
    filter: { id: /engine\.io-client\/build\/esm\/transports\/index\.js$/ },
    handler: () => `import { WS } from './websocket.node.js'; export const transports = { websocket: WS }`,
  },
}

/** What is loaded later is one script with its style in it: there is nothing to preload beside it. */
const noPreload: Plugin = {
  name: 'wecc:no-preload',
  enforce: 'pre',
  load: {
    filter: { id: /vite\/preload-helper/ },
    handler: () => 'export const __vitePreload = (load) => load()',
  },
}

// The page is served under a strict content policy: nothing is inlined into it.
export default defineConfig({
  base: '/static/widget/',
  plugins: [webSocketOnly, noPreload],
  build: {
    outDir: '../../../static/widget',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
