import { Store } from '@wecc/realtime'

import { preferences } from '../preferences'

/** A note of the chime: pitch, when it begins, how long it sounds. */
interface Tone {
  readonly hz: number
  readonly at_s: number
  readonly long_s: number
}

const OFFER: readonly Tone[] = [
  { hz: 659, at_s: 0, long_s: 0.22 },
  { hz: 880, at_s: 0.16, long_s: 0.22 },
  { hz: 988, at_s: 0.32, long_s: 0.4 },
]
const MESSAGE: readonly Tone[] = [{ hz: 740, at_s: 0, long_s: 0.18 }]
const REPEAT_MS = 3_000

let context: AudioContext | null = null
let ringing: ReturnType<typeof setInterval> | undefined

/** Whether the browser lets the page sound: not before the first key or click, and that is shown. */
class Awake extends Store<boolean> {
  constructor() {
    super(false)
  }

  wake(): void {
    context ??= new AudioContext()
    void context.resume().then(() => this.set(context?.state === 'running'))
  }
}

export const sound = new Awake()

export const chimeMessage = (): void => play(MESSAGE, 0.05)

/** Rings for an offer until `isRinging` is false. */
export function ring(isRinging: boolean): void {
  if (isRinging === (ringing !== undefined)) return
  clearInterval(ringing)
  ringing = undefined
  if (!isRinging) return
  play(OFFER, 0.12)
  ringing = setInterval(() => play(OFFER, 0.12), REPEAT_MS)
}

function play(tones: readonly Tone[], volume: number): void {
  if (!context || context.state !== 'running' || !preferences.getSnapshot().hasSound) return
  for (const { hz, at_s, long_s } of tones) {
    const start_s = context.currentTime + at_s
    const gain = context.createGain()
    gain.gain.setValueAtTime(0, start_s)
    gain.gain.linearRampToValueAtTime(volume, start_s + 0.015)
    gain.gain.exponentialRampToValueAtTime(0.0001, start_s + long_s)
    const tone = context.createOscillator()
    tone.type = 'triangle'
    tone.frequency.value = hz
    tone.connect(gain).connect(context.destination)
    tone.start(start_s)
    tone.stop(start_s + long_s)
  }
}
