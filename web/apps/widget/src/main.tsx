import { render } from 'preact'

import './main.css'

render(<main>在线客服</main>, document.getElementById('app')!)
