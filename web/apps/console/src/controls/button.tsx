import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Tooltip,
  TooltipTrigger,
} from 'react-aria-components'

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  readonly look?: 'plain' | 'primary' | 'quiet' | 'danger'
  readonly className?: string
  readonly children: ReactNode
}

export function Button({ look = 'plain', className = '', ...rest }: ButtonProps) {
  return <AriaButton {...rest} className={`button button-${look} ${className}`} />
}

export interface HintProps {
  readonly text: string
  readonly keys?: string | undefined
  readonly children: ReactNode
}

/** Says on hover and focus what a control does and which keys do it. */
export function Hint({ text, keys, children }: HintProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {children}
      <Tooltip className="hint" offset={6}>
        {text}
        {keys && <kbd>{keys}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  )
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  readonly icon: LucideIcon
  readonly label: string
  readonly keys?: string
  readonly className?: string
}

export function IconButton({ icon: Icon, label, keys, className = '', ...rest }: IconButtonProps) {
  return (
    <Hint text={label} keys={keys}>
      <AriaButton {...rest} aria-label={label} className={`icon-button ${className}`}>
        <Icon size={16} strokeWidth={1.75} aria-hidden />
      </AriaButton>
    </Hint>
  )
}
