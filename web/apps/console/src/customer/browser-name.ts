const browsers: readonly (readonly [RegExp, string])[] = [
  [/MicroMessenger\/([\d.]+)/, 'WeChat'],
  [/EdgA?\/(\d+)/, 'Edge'],
  [/HuaweiBrowser\/(\d+)/, 'Huawei Browser'],
  [/UCBrowser\/(\d+)/, 'UC'],
  [/QQBrowser\/(\d+)/, 'QQ Browser'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/HarmonyOS/, 'HarmonyOS'],
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** `Chrome 139 · Windows`, from a user agent; empty when it says nothing known. */
export function browserName(userAgent: string): string {
  const browser = browsers
    .map(([pattern, name]) => [pattern.exec(userAgent)?.[1], name])
    .find(([version]) => version)
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
  return [browser && `${browser[1]} ${browser[0]}`, system].filter(Boolean).join(' · ')
}
