import type { ReactNode } from 'react'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'

import { useTexts } from '../texts'
import { Button, type ButtonProps } from './button'

export interface AskProps {
  readonly title: string
  readonly text?: string
  readonly confirm: string
  readonly cancel?: string
  readonly look?: ButtonProps['look']
  readonly isBusy?: boolean
  readonly isReady?: boolean
  /** Why it was not done. */
  readonly problem?: ReactNode
  readonly onConfirm: () => void
  readonly onClose: () => void
  /** A further way out. */
  readonly other?: ReactNode
  readonly children?: ReactNode
}

/** Asks before something is done, and says what it means for others. */
export function Ask(props: AskProps) {
  const { title, text, confirm, look = 'primary', isBusy = false, isReady = true, children } = props
  const texts = useTexts()
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable
      onOpenChange={(isOpen) => isOpen || props.onClose()}
    >
      <Modal>
        <Dialog className="dialog ask" role={look === 'danger' ? 'alertdialog' : 'dialog'}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              if (isReady && !isBusy) props.onConfirm()
            }}
          >
            <Heading slot="title">{title}</Heading>
            {text && <p>{text}</p>}
            {children}
            {props.problem}
            <footer>
              <Button type="submit" look={look} isDisabled={!isReady} isPending={isBusy}>
                {confirm}
              </Button>
              <Button look="quiet" onPress={props.onClose}>
                {props.cancel ?? texts.cancel}
              </Button>
              {props.other}
            </footer>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
