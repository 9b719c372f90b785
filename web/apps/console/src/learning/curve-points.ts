import type { CurvePoint } from '@wecc/protocol'

/** The point that holds at a threshold: the nearest one not below it, else the last. */
export function pointAt(points: readonly CurvePoint[], threshold: number): CurvePoint | null {
  return points.find((point) => point.threshold >= threshold - 1e-9) ?? points.at(-1) ?? null
}

/** Cells as a spreadsheet reads them; none of them as a formula. */
export function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return '\ufeff' + rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'
}
