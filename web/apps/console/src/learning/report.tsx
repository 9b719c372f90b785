import type { KnowledgeReport } from '@wecc/protocol'
import { useState } from 'react'

import { Button } from '../controls/button'
import { Field, Waiting } from '../knowledge/controls'
import { useReading } from '../reading'
import { at } from '../knowledge/use-act'
import { csvOf } from './curve-points'
import { useLearningTexts } from './texts'

const HEIGHT = 80
const BAR = 14

const percent = (share: number | null, unknown: string) =>
  share === null ? unknown : `${Math.round(share * 1000) / 10}%`

/** How questions went. */
export function Report() {
  const words = useLearningTexts()
  const [days, setDays] = useState(30)
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const reading = useReading<KnowledgeReport>(at('report', { days, zone }), { isKept: true })
  const report = reading.value
  if (!report) return <Waiting reading={reading} />
  const share = (value: number | null) => percent(report.questions === 0 ? null : value, words.unknown)
  const figures: readonly (readonly [string, string | number])[] = [
    [words.questions, report.questions],
    [words.answeredShare, share(report.answered_share)],
    [words.suggestedShare, share(report.suggested_share)],
    [words.escalatedShare, share(report.escalated_share)],
    [words.contained, percent(report.contained_share, words.unknown)],
    [words.noClick, share(report.no_click_share)],
    [words.noResult, share(report.no_result_share)],
  ]
  return (
    <>
      <div className="kb-filter">
        <Field label={words.days}>
          {(attributes) => (
            <select
              {...attributes}
              className="input"
              value={days}
              onChange={(event) => setDays(Number(event.target.value))}
            >
              {[7, 30, 90, 365].map((one) => (
                <option key={one} value={one}>
                  {words.lastDays(one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Button onPress={() => save(report, figures, words)}>{words.export}</Button>
      </div>
      <dl className="report-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="figures">{value}</dd>
          </div>
        ))}
      </dl>
      {report.days.length > 0 && <Days days={report.days} />}
      {report.top_questions.length > 0 && <h3 className="report-title">{words.top}</h3>}
      <table className="kb-table">
        <tbody>
          {report.top_questions.map((one) => (
            <tr key={one.text}>
              <th scope="row">{one.text}</th>
              <td className="figures">{words.times(one.times)}</td>
              <td className="figures">
                {one.solved_share === null
                  ? words.unknown
                  : `${words.solved} ${percent(one.solved_share, '')}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {report.top_articles.length > 0 && (
        <>
          <h3 className="report-title">{words.articles}</h3>
          <table className="kb-table">
            <thead>
              <tr>
                <th />
                <th scope="col">{words.reads}</th>
                <th scope="col">{words.helpful}</th>
                <th scope="col">{words.unhelpful}</th>
              </tr>
            </thead>
            <tbody>
              {report.top_articles.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    <a href={`#/knowledge/articles/${one.id}`}>{one.title}</a>
                  </th>
                  <td className="figures">{one.reads}</td>
                  <td className="figures">{one.helpful}</td>
                  <td className="figures">{one.unhelpful}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  )
}

function Days({ days }: Pick<KnowledgeReport, 'days'>) {
  const words = useLearningTexts()
  const most = Math.max(1, ...days.map((day) => day.questions))
  const height = (count: number) => (count / most) * HEIGHT
  return (
    <figure className="report-days">
      <figcaption>
        {words.perDay} <span className="figures">{words.between(days[0]!.day, days.at(-1)!.day, most)}</span>
      </figcaption>
      <svg viewBox={`0 0 ${days.length * BAR} ${HEIGHT}`} width={days.length * BAR} height={HEIGHT} role="img">
        {days.map((day, at) => (
          <g key={day.day}>
            <title>{`${day.day}: ${day.questions} · ${words.answered} ${day.answered} · ${words.handedOver} ${day.handed_over}`}</title>
            <rect
              className="report-bar"
              x={at * BAR + 1}
              width={BAR - 2}
              y={HEIGHT - height(day.questions)}
              height={height(day.questions)}
            />
            <rect
              className="report-bar-answered"
              x={at * BAR + 1}
              width={BAR - 2}
              y={HEIGHT - height(day.answered)}
              height={height(day.answered)}
            />
          </g>
        ))}
      </svg>
    </figure>
  )
}

function save(
  report: KnowledgeReport,
  figures: readonly (readonly [string, string | number])[],
  words: { readonly top: string; readonly articles: string; readonly perDay: string },
): void {
  const rows = [
    ...figures,
    [],
    [words.perDay],
    ...report.days.map((day) => [day.day, day.questions, day.answered, day.suggested, day.handed_over]),
    [],
    [words.top],
    ...report.top_questions.map((one) => [one.text, one.times]),
    [],
    [words.articles],
    ...report.top_articles.map((one) => [one.title, one.reads, one.helpful, one.unhelpful]),
  ]
  const url = URL.createObjectURL(new Blob([csvOf(rows)], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'wecc-knowledge.csv'
  link.click()
  URL.revokeObjectURL(url)
}
