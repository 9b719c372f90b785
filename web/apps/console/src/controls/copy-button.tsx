import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'

import { useTexts } from '../texts'
import { IconButton } from './button'

const SAID_MS = 2_000

/** Puts a short text into the clipboard, and says so; where the browser forbids it, the text can be selected. */
export function CopyButton({ text }: { readonly text: string }) {
  const texts = useTexts()
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setIsCopied(false), SAID_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setIsCopied(true)
    } catch {
      setIsCopied(false)
    }
  }
  return (
    <IconButton
      icon={isCopied ? Check : Copy}
      label={isCopied ? texts.copied : texts.copy(text)}
      className="copy"
      onPress={() => void copy()}
    />
  )
}
