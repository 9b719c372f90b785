import './list.css'

import { useMemo, useState } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'

import { Button } from '../controls/button'
import { useDesk, useWorkplace } from '../desk/context'
import { neighbour, rowsOf, type Tab as TabName } from '../desk/order'
import { useCommand } from '../desk/shortcuts'
import { showConversation } from '../place'
import { useTexts } from '../texts'
import { Offers } from './offers'
import { Rows } from './rows'
import { SearchBox, SearchResults } from './search'
import { Skeleton } from './skeleton'

const tabNames: readonly TabName[] = ['mine', 'waiting', 'all']

/** What needs me, the most urgent first. */
export function ListPane({ openId }: { readonly openId: string | null }) {
  const texts = useTexts()
  const [tab, setTab] = useState<TabName>('mine')
  const [query, setQuery] = useState('')
  const conversations = useDesk((desk) => desk.conversations)
  const isReady = useDesk((desk) => desk.isReady)
  const myId = useDesk((desk) => desk.me.id)
  const rows = useMemo(
    () => Object.fromEntries(tabNames.map((name) => [name, rowsOf(name, conversations.values(), myId)])),
    [conversations, myId],
  ) as Record<TabName, ReturnType<typeof rowsOf>>

  const step = (by: 1 | -1) => () => {
    const id = neighbour(rows[tab], openId, by)
    if (id) showConversation(id)
  }
  useCommand('next', step(1))
  useCommand('previous', step(-1))

  return (
    <section className="list-pane" aria-label={texts.list.title}>
      <Offers />
      <SearchBox query={query} onQuery={setQuery} />
      {query.trim() ? (
        <SearchResults query={query.trim()} openId={openId} />
      ) : (
        <Tabs className="list-tabs" selectedKey={tab} onSelectionChange={(key) => setTab(key as TabName)}>
          <TabList className="tab-list" aria-label={texts.list.title}>
            {tabNames.map((name) => (
              <Tab key={name} id={name} className="tab">
                {texts.list[name]}
                <span className="tab-count figures">{isReady ? rows[name].length : ''}</span>
              </Tab>
            ))}
          </TabList>
          <TabPanel id={tab} className="list-scroll">
            {!isReady ? (
              <Skeleton />
            ) : rows[tab].length ? (
              <Rows rows={rows[tab]} openId={openId} label={texts.list[tab]} tab={tab} />
            ) : (
              <Empty tab={tab} />
            )}
          </TabPanel>
        </Tabs>
      )}
    </section>
  )
}

/** Says what to do next. */
function Empty({ tab }: { readonly tab: TabName }) {
  const texts = useTexts()
  const workplace = useWorkplace()
  const state = useDesk((desk) => desk.presence?.state)
  const [isBusy, setIsBusy] = useState(false)
  if (tab !== 'mine')
    return <p className="list-empty">{tab === 'waiting' ? texts.list.emptyWaiting : texts.list.emptyAll}</p>
  if (state === 'ready' || state === 'unstable')
    return <p className="list-empty">{texts.list.emptyMineReady}</p>
  const goReady = async () => {
    setIsBusy(true)
    await workplace.setPresence({ state: 'ready' }).catch(() => undefined) // the bar still shows the old state
    setIsBusy(false)
  }
  return (
    <div className="list-empty">
      <p>{state === 'paused' ? texts.list.emptyMinePaused : texts.list.emptyMineOffline}</p>
      <Button look="primary" isPending={isBusy} onPress={() => void goReady()}>
        {texts.list.goReady}
      </Button>
    </div>
  )
}
