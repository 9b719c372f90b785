import { LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { QueueHistory } from '@wecc/protocol'

import { PLOT_PX, type Scales } from './history'

use([LineChart, GridComponent, CanvasRenderer])

export interface TrendChart {
  draw(history: QueueHistory, scales: Scales): void
  close(): void
}

export interface TrendOptions {
  /** On the wall: lines only, no axes. */
  readonly isBare: boolean
  readonly timeText: (at_ms: number) => string
}

/**
 * A small chart of one queue: its rate against the target, and below who waited.
 *
 * Drawn on a canvas, without the library's tooltip: the page's content policy refuses markup from strings and
 * style attributes.
 */
export function openTrend(element: HTMLElement, { isBare, timeText }: TrendOptions): TrendChart {
  const chart = init(element, null, { renderer: 'canvas' })
  const sized = new ResizeObserver(() => chart.resize())
  sized.observe(element)
  return {
    draw: (history, scales) =>
      chart.setOption(optionOf(history, scales, isBare, timeText, colorsOf(element)), { lazyUpdate: true }),
    close: () => {
      sized.disconnect()
      chart.dispose()
    },
  }
}

interface Colors {
  readonly rate: string
  readonly target: string
  readonly waiting: string
  readonly line: string
  readonly text: string
  readonly font: string
}

function colorsOf(element: HTMLElement): Colors {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    rate: token('--accent-text'),
    target: token('--text-3'),
    waiting: token('--text-3'),
    line: token('--line'),
    text: token('--text-3'),
    font: token('--font'),
  }
}

function optionOf(
  { at_ms, rate, waiting, target }: QueueHistory,
  { from_ms, to_ms, rateFrom, waitingTo }: Scales,
  isBare: boolean,
  timeText: (at_ms: number) => string,
  colors: Colors,
) {
  const { left, right } = isBare ? { left: 2, right: 2 } : PLOT_PX
  const label = { show: !isBare, color: colors.text, fontSize: 11, fontFamily: colors.font }
  const time = {
    type: 'time',
    min: from_ms,
    max: to_ms,
    axisTick: { show: false },
    axisLine: { show: !isBare, lineStyle: { color: colors.line } },
    splitLine: { show: false },
  } as const
  const value = { type: 'value' } as const
  const line = { type: 'line', showSymbol: false, silent: true, emphasis: { disabled: true } } as const
  return {
    animation: false,
    grid: [
      { left, right, top: 6, bottom: isBare ? '28%' : 64 },
      { left, right, height: isBare ? '22%' : 26, bottom: isBare ? 0 : 20 },
    ],
    xAxis: [
      { ...time, gridIndex: 0, axisLabel: { show: false } },
      {
        ...time,
        gridIndex: 1,
        splitNumber: 3,
        axisLabel: { ...label, hideOverlap: true, showMinLabel: false, formatter: timeText },
      },
    ],
    yAxis: [
      {
        ...value,
        gridIndex: 0,
        min: rateFrom,
        max: 100,
        interval: (100 - rateFrom) / 2,
        splitLine: { show: !isBare, lineStyle: { color: colors.line } },
        axisLabel: label,
      },
      {
        ...value,
        gridIndex: 1,
        min: 0,
        max: waitingTo,
        interval: waitingTo,
        splitLine: { show: false },
        axisLabel: { ...label, showMinLabel: false },
      },
    ],
    series: [
      {
        ...line,
        id: 'rate',
        xAxisIndex: 0,
        yAxisIndex: 0,
        lineStyle: { width: isBare ? 3 : 1.75, color: colors.rate },
        data: at_ms.map((at, index) => [at, rate[index] ?? null]),
      },
      {
        ...line,
        id: 'target',
        xAxisIndex: 0,
        yAxisIndex: 0,
        lineStyle: { width: isBare ? 2 : 1, type: 'dashed' as const, color: colors.target },
        data: [
          [from_ms, target],
          [to_ms, target],
        ],
      },
      {
        ...line,
        id: 'waiting',
        xAxisIndex: 1,
        yAxisIndex: 1,
        step: 'end' as const,
        lineStyle: { width: 1, color: colors.waiting },
        areaStyle: { color: colors.waiting, opacity: 0.25 },
        data: at_ms.map((at, index) => [at, waiting[index]!]),
      },
    ],
  }
}
