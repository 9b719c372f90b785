/** The browser's storage of the center's origin, or this page's own memory where it is forbidden. */
const fallback = new Map<string, string>()

const area = (kind: 'localStorage' | 'sessionStorage'): Storage | null => {
  try {
    return globalThis[kind]
  } catch {
    return null
  }
}

const memory = (kind: 'localStorage' | 'sessionStorage') => ({
  get: (key: string): string | null => fallback.get(kind + key) ?? area(kind)?.getItem(key) ?? null,
  set(key: string, value: string): void {
    try {
      const storage = area(kind)
      if (!storage) throw new Error('no storage')
      storage.setItem(key, value)
      fallback.delete(kind + key)
    } catch {
      fallback.set(kind + key, value)
    }
  },
  remove(key: string): void {
    fallback.delete(kind + key)
    area(kind)?.removeItem(key)
  },
})

/** Of this browser. */
export const lasting = memory('localStorage')
/** Of this tab. */
export const passing = memory('sessionStorage')
