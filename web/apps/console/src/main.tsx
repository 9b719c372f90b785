import { createRoot } from 'react-dom/client'

import './main.css'

createRoot(document.getElementById('app')!).render(<main>座席工作台</main>)
