import type { ReactNode } from 'react'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'

import { Button, type ButtonProps } from '../controls/button'
import { useFlowTexts } from './texts'

export interface AskProps {
  readonly title: string
  readonly text?: string
  readonly confirm: string
  readonly cancel?: string
  readonly look?: ButtonProps['look']
  readonly onConfirm: () => void
  readonly onClose: () => void
  /** A further way out. */
  readonly other?: ReactNode
  readonly children?: ReactNode
}

/** Asks before something is done. */
export function Ask({
  title,
  text,
  confirm,
  cancel,
  look = 'primary',
  onConfirm,
  onClose,
  other,
  children,
}: AskProps) {
  const texts = useFlowTexts()
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={(isOpen) => isOpen || onClose()}>
      <Modal>
        <Dialog className="dialog flows-ask" role={look === 'danger' ? 'alertdialog' : 'dialog'}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              onConfirm()
            }}
          >
            <Heading slot="title">{title}</Heading>
            {text && <p>{text}</p>}
            {children}
            <footer className="flows-actions">
              <Button type="submit" look={look}>
                {confirm}
              </Button>
              <Button look="quiet" onPress={onClose}>
                {cancel ?? texts.cancel}
              </Button>
              {other}
            </footer>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
