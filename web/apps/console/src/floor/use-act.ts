import { useState } from 'react'

import { errorText } from '../controls/error-text'
import { useTexts } from '../texts'

export interface Acting {
  /** What is being done, by the name `act` was given; null when nothing is. */
  readonly doing: string | null
  readonly said: string
  readonly problem: string
  readonly act: (name: string, work: () => Promise<unknown>, done: string) => Promise<boolean>
}

/** One action at a time: that it works, how it ended, and why it did not. */
export function useAct(): Acting {
  const texts = useTexts()
  const [doing, setDoing] = useState<string | null>(null)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState('')
  const act = async (name: string, work: () => Promise<unknown>, done: string) => {
    if (doing !== null) return false
    setDoing(name)
    setSaid('')
    setProblem('')
    try {
      await work()
      setSaid(done)
      return true
    } catch (thrown) {
      setProblem(errorText(thrown, texts))
      return false
    } finally {
      setDoing(null)
    }
  }
  return { doing, said, problem, act }
}
