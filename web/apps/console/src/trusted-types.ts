interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createHTML: (html: string) => string | null; createScriptURL: (url: string) => string | null },
  ): unknown
}

/**
 * The page's content policy refuses strings where markup or script addresses are expected. Two are let
 * through: the empty string, with which react-aria clears its announcements, and our own worker's address.
 */
export function allowOnly(workerUrl: string): void {
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyFactory }
  trustedTypes?.createPolicy('default', {
    createHTML: (html) => (html === '' ? html : null),
    createScriptURL: (url) => (url === workerUrl ? url : null),
  })
}
