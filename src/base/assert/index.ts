// The door of base/assert: checks that stay on in production.
export { assert, never, Defect } from './assert.ts'
