/** The name as a mark: two strokes that meet, then the letters. */
export function Wordmark({ size_px = 18 }: { readonly size_px?: number }) {
  return (
    <svg className="wordmark" height={size_px} viewBox="0 0 92 24" role="img" aria-label="WECC">
      <path d="M2 4l5.5 16L13 4l5.5 16L24 4" />
      <path d="M44 4H32v16h12M32 12h10" />
      <path d="M66 6.8A8 8 0 1 0 66 17.2" />
      <path d="M88 6.8A8 8 0 1 0 88 17.2" />
    </svg>
  )
}
