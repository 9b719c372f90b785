let context: AudioContext | undefined

/** Browsers make no sound before the visitor has touched the page. */
export function allowSound(): void {
  context ??= new AudioContext()
  void context.resume()
}

/** Two soft notes. */
export function blip(): void {
  if (context?.state !== 'running') return
  for (const [delay_s, pitch_hz] of [
    [0, 660],
    [0.09, 880],
  ] as const) {
    const start_s = context.currentTime + delay_s
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.frequency.value = pitch_hz
    volume.gain.setValueAtTime(0, start_s)
    volume.gain.linearRampToValueAtTime(0.08, start_s + 0.015)
    volume.gain.exponentialRampToValueAtTime(0.0001, start_s + 0.22)
    tone.connect(volume).connect(context.destination)
    tone.start(start_s)
    tone.stop(start_s + 0.24)
  }
}
