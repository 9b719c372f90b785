import { Component, type ReactNode } from 'react'

import type { Texts } from '../texts'
import { Button } from './button'

interface GuardProps {
  readonly texts: Texts
  readonly children: ReactNode
}

/** Says so when the page itself fails, instead of going blank, and offers the way back. */
export class Guard extends Component<GuardProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true }
  }

  override render() {
    const { broken } = this.props.texts
    if (!this.state.isBroken) return this.props.children
    return (
      <main className="broken" role="alert">
        <h1>{broken.title}</h1>
        <p>{broken.hint}</p>
        <Button look="primary" autoFocus onPress={() => location.reload()}>
          {broken.reload}
        </Button>
      </main>
    )
  }
}
