import { Store } from '@wecc/realtime'

/** Counts what was done from this window: whatever is shown is read again after it. */
class Acts extends Store<number> {
  constructor() {
    super(0)
  }

  happened(): void {
    this.set(this.getSnapshot() + 1)
  }
}

export const acts = new Acts()
