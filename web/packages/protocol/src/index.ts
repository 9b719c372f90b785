export type * from './generated'
export * from './frame'
export * from './result'
