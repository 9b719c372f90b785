import type { FlowView } from '@wecc/protocol'
import { useState } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'

import { useFlows } from './context'
import type { FlowEditing } from './editor'
import { Outline } from './outline'
import { Preview, usePreview } from './preview'

export interface SidePaneProps {
  readonly code: string
  readonly editing: FlowEditing
  /** The flow whose nodes this one uses. */
  readonly shared: FlowView | null
  readonly isShared: boolean
  readonly onGo: (line: number) => void
}

/** What the text means: its nodes, and what a customer sees of it. */
export function SidePane({ code, editing, shared, isShared, onGo }: SidePaneProps) {
  const { side: words } = useFlows().texts
  const [tab, setTab] = useState<'outline' | 'preview'>('outline')
  const preview = usePreview(code, editing, tab === 'preview' && !isShared)
  return (
    <aside className="flows-side" aria-label={words.label}>
      <Tabs className="flows-tabs" selectedKey={tab} onSelectionChange={(key) => setTab(key as typeof tab)}>
        <TabList className="flows-tab-list" aria-label={words.label}>
          <Tab id="outline">{words.outline}</Tab>
          <Tab id="preview">{words.preview}</Tab>
        </TabList>
        <TabPanel id="outline" className="flows-tab-panel">
          <Outline editing={editing} shared={shared} onGo={onGo} />
        </TabPanel>
        <TabPanel id="preview" className="flows-tab-panel">
          <Preview preview={preview} editing={editing} isShared={isShared} />
        </TabPanel>
      </Tabs>
    </aside>
  )
}
