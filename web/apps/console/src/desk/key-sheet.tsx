import './key-sheet.css'

import { X } from 'lucide-react'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'

import { IconButton } from '../controls/button'
import { useTexts } from '../texts'
import { useWorkplace } from './context'
import { type Command, keysOf } from './shortcuts'

type Named = Exclude<Command, `insert${number}`>

const groups: Readonly<Record<'move' | 'offers' | 'conversation', readonly Named[]>> = {
  move: ['next', 'previous', 'search', 'status', 'customer', 'sheet', 'back'],
  offers: ['accept', 'decline'],
  conversation: ['reply', 'note', 'transfer', 'closeConversation'],
}

export interface KeySheetProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

export function KeySheet({ isOpen, onOpenChange }: KeySheetProps) {
  const { keys } = useTexts()
  const mayLead = useWorkplace().session.role !== 'agent'
  const rows = [
    ...Object.entries(groups).map(([group, commands]) => ({
      title: keys.groups[group as keyof typeof groups],
      keys: [...commands, ...(group === 'move' && mayLead ? (['wall'] as const) : [])].map(
        (command) => [keys[command], keysOf(command)] as const,
      ),
    })),
    {
      title: keys.groups.composer,
      keys: [
        [keys.send, 'Enter'],
        [keys.newline, 'Shift+Enter'],
        [keys.canned, '/'],
        [keys.insert, `${keysOf('insert1')}…5`],
      ] as const,
    },
  ]
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={onOpenChange} isDismissable>
      <Modal>
        <Dialog className="dialog key-sheet">
          <header>
            <Heading slot="title">{keys.title}</Heading>
            <IconButton slot="close" icon={X} label={keys.close} keys="Esc" />
          </header>
          <div className="key-sheet-groups">
            {rows.map((group) => (
              <section key={group.title}>
                <h3>{group.title}</h3>
                <dl>
                  {group.keys.map(([what, how]) => (
                    <div key={what}>
                      <dt>{what}</dt>
                      <dd>
                        <kbd>{how}</kbd>
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
