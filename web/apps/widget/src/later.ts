/** What the panel needs after its first words; loaded once it is open. */
import css from './later.css?inline'

export { Contact } from './contact-form'
export { Answers } from './guide/answers'
export { Help } from './guide/help'
export { Ways } from './guide/ways'
export { Working } from './guide/working'

// With the script, so that nothing is ever shown without its style.
const sheet = new CSSStyleSheet()
sheet.replaceSync(css)
document.adoptedStyleSheets.push(sheet)
