import type { ReactNode } from 'react'

export interface MarkedProps {
  readonly text: string
  readonly marks: readonly (readonly [number, number])[]
}

/** Text with what matched in it marked. */
export function Marked({ text, marks }: MarkedProps) {
  const parts: ReactNode[] = []
  let at = 0
  for (const [start, end] of marks) {
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>)
    at = end
  }
  parts.push(text.slice(at))
  return <>{parts}</>
}
