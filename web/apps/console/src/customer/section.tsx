import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components'

import { preferences } from '../preferences'
import { usePreferences } from '../use-store'

export interface SectionProps {
  readonly name: string
  readonly title: string
  readonly count?: number
  readonly children: ReactNode
}

/** A part of the right pane; remembers whether it is open. */
export function Section({ name, title, count, children }: SectionProps) {
  const { closedSections } = usePreferences()
  const others = closedSections.filter((one) => one !== name)
  return (
    <Disclosure
      className="section"
      isExpanded={!closedSections.includes(name)}
      onExpandedChange={(isOpen) =>
        preferences.change({ closedSections: isOpen ? others : [...others, name] })
      }
    >
      <Heading level={2}>
        <Button slot="trigger">
          <ChevronRight size={14} aria-hidden />
          {title}
          {count !== undefined && <span className="figures">{count}</span>}
        </Button>
      </Heading>
      <DisclosurePanel>{children}</DisclosurePanel>
    </Disclosure>
  )
}
