import '@wecc/ui/tokens.css'
import './base.css'
import './controls/controls.css'

import { createRoot } from 'react-dom/client'

import { App } from './app'
import beatWorkerUrl from './desk/beat.worker.ts?worker&url'
import { allowOnly } from './trusted-types'

allowOnly(beatWorkerUrl)
createRoot(document.getElementById('app')!).render(<App />)
