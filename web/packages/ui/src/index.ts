export * from './article'
export * from './i18n'
export * from './markdown'
export * from './time'
