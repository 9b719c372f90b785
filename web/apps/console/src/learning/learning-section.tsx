import './learning.css'

import { showPart } from '../knowledge/address'
import { useKnowledge } from '../knowledge/context'
import { Curve } from './curve'
import { Gaps } from './gaps'
import { Remarks } from './remarks'
import { Report } from './report'
import { useLearningTexts } from './texts'

const views = ['gaps', 'remarks', 'curve', 'report'] as const

/** What was asked and not answered well, how sure to be, and how it goes. */
export function LearningSection({ item }: { readonly item: string | null }) {
  const { texts } = useKnowledge()
  const words = useLearningTexts()
  const shown = views.find((view) => view === item) ?? 'gaps'
  return (
    <>
      <h2>{texts.sections.learning}</h2>
      <div className="kb-filter" role="tablist">
        {views.map((view) => (
          <button
            key={view}
            type="button"
            role="tab"
            className="button button-quiet"
            aria-selected={view === shown}
            onClick={() => showPart('learning', view)}
          >
            {words.views[view]}
          </button>
        ))}
      </div>
      <p className="kb-intro">{words.intro[shown]}</p>
      {shown === 'gaps' && <Gaps />}
      {shown === 'remarks' && <Remarks />}
      {shown === 'curve' && <Curve />}
      {shown === 'report' && <Report />}
    </>
  )
}
