/** The visitor's panel: on the center's own origin, in the frame of the operator's page. */
import { render } from 'preact'

import { App } from './app'
import { Host } from './host'
import { Session } from './session'
import './main.css'

const center = location.pathname.split('/').filter(Boolean).at(-1) ?? ''
const host = new Host()
const session = new Session(decodeURIComponent(center), host)

// On its own in a window, the panel stays above a phone's keyboard.
const fit = () =>
  document.documentElement.style.setProperty(
    '--view-height',
    `${window.visualViewport?.height ?? innerHeight}px`,
  )
window.visualViewport?.addEventListener('resize', fit)
fit()

render(<App host={host} session={session} />, document.getElementById('app')!)
