import './sign-in.css'

import type { AgentSession } from '@wecc/protocol'
import { http, WeccError } from '@wecc/realtime'
import { duration } from '@wecc/ui'
import { CircleAlert, Eye, EyeOff, Languages } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { FieldError, Form, Input, Label, TextField, ToggleButton } from 'react-aria-components'

import { Button } from '../controls/button'
import { errorText } from '../controls/error-text'
import { Wordmark } from '../controls/wordmark'
import { preferences } from '../preferences'
import { type Texts, useLocale, useTexts } from '../texts'

export interface SignInPageProps {
  /** Why the last session ended, when there was one. */
  readonly cause: string | null
  readonly onSignedIn: (session: AgentSession) => void
}

export function SignInPage({ cause, onSignedIn }: SignInPageProps) {
  const texts = useTexts()
  const remembered = preferences.getSnapshot()
  const [center, setCenter] = useState(
    () => new URLSearchParams(location.search).get('center') ?? remembered.center,
  )
  const [login, setLogin] = useState(remembered.login)
  const [password, setPassword] = useState('')
  const [isShown, setIsShown] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<WeccError | null>(null)
  const lockedFor_ms = useLock(error)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setIsBusy(true)
    setError(null)
    try {
      const body = { center_id: center.trim(), login: login.trim(), password }
      const session = await http<AgentSession>('/api/v1/agent/session', { method: 'POST', body })
      preferences.change({ center: body.center_id, login: body.login })
      onSignedIn(session)
    } catch (thrown) {
      setError(WeccError.from(thrown))
      setIsBusy(false)
    }
  }

  const ended = cause && cause !== 'closed' ? endedText(cause, texts) : null
  return (
    <main className="sign-in">
      <svg
        className="sign-in-backdrop"
        viewBox="0 0 1200 400"
        preserveAspectRatio="xMidYMax slice"
        aria-hidden
      >
        <path d="M-40 90L190 380 420 90 650 380 880 90 1110 380 1340 90" />
        <path d="M-40 150L190 440 420 150 650 440 880 150 1110 440 1340 150" />
      </svg>
      <LanguageSwitch />
      <div className="sign-in-card">
        <header>
          <Wordmark size_px={26} />
          <p>{texts.signIn.about}</p>
        </header>
        {ended && !error && <p className="sign-in-ended">{ended}</p>}
        <Form onSubmit={(event) => void submit(event)} validationBehavior="native">
          <h1 className="visually-hidden">{texts.signIn.title}</h1>
          <Field
            label={texts.signIn.center}
            value={center}
            onChange={setCenter}
            name="organization"
            isFocused={!center}
          />
          <Field
            label={texts.signIn.login}
            value={login}
            onChange={setLogin}
            name="username"
            isFocused={!!center && !login}
          />
          <div className="sign-in-password">
            <Field
              label={texts.signIn.password}
              value={password}
              onChange={setPassword}
              name="current-password"
              type={isShown ? 'text' : 'password'}
              isFocused={!!center && !!login}
            />
            <ToggleButton
              className="icon-button"
              isSelected={isShown}
              onChange={setIsShown}
              aria-label={isShown ? texts.signIn.hidePassword : texts.signIn.showPassword}
            >
              {isShown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
            </ToggleButton>
          </div>
          <div className="sign-in-problem" role="alert">
            {error && (
              <p>
                <CircleAlert size={16} aria-hidden />
                {problemText(error, lockedFor_ms, texts)}
              </p>
            )}
          </div>
          <Button
            type="submit"
            look="primary"
            className="sign-in-submit"
            isDisabled={lockedFor_ms > 0}
            isPending={isBusy}
          >
            {isBusy ? texts.signIn.busy : texts.signIn.submit}
          </Button>
        </Form>
      </div>
    </main>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly name: string
  readonly type?: string
  readonly isFocused: boolean
}

function Field({ label, name, type = 'text', isFocused, ...rest }: FieldProps) {
  const texts = useTexts()
  const maxLength = type === 'text' && name !== 'current-password' ? 64 : 256
  return (
    <TextField
      {...rest}
      name={name}
      type={type}
      isRequired
      autoComplete={name}
      autoFocus={isFocused}
      className="field"
    >
      <Label>{label}</Label>
      <Input maxLength={maxLength} spellCheck={false} autoCapitalize="off" />
      <FieldError>
        {({ validationDetails }) => validationDetails.valueMissing && texts.signIn.required}
      </FieldError>
    </TextField>
  )
}

/** How long the account is still locked; counts down to 0. */
function useLock(error: WeccError | null): number {
  const [until_ms, setUntil_ms] = useState(0)
  const [now_ms, setNow_ms] = useState(0)
  useEffect(() => {
    if (error?.code !== 'sign_in.locked') return setUntil_ms(0)
    setNow_ms(Date.now())
    setUntil_ms(Date.now() + Number(error.data.retry_after_s ?? 60) * 1000)
    const timer = setInterval(() => setNow_ms(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [error])
  return Math.max(0, until_ms - now_ms)
}

function problemText(error: WeccError, lockedFor_ms: number, texts: Texts): string {
  if (error.code === 'sign_in.locked')
    return lockedFor_ms > 0 ? texts.signIn.locked(duration(lockedFor_ms)) : texts.signIn.unlocked
  return error.code === 'client.connection_lost' ? texts.signIn.network : errorText(error, texts)
}

function endedText(cause: string, texts: Texts): string {
  return cause in texts.ended ? texts.ended[cause as keyof Texts['ended']] : texts.ended.lost
}

export function LanguageSwitch() {
  const locale = useLocale()
  const texts = useTexts()
  return (
    <Button
      look="quiet"
      className="language-switch"
      onPress={() => preferences.change({ locale: locale === 'zh-CN' ? 'en' : 'zh-CN' })}
    >
      <Languages size={16} strokeWidth={1.75} aria-hidden />
      <span lang={locale === 'zh-CN' ? 'en' : 'zh-CN'}>{texts.language.other}</span>
    </Button>
  )
}
