export { type LoadOptions, loadDesk } from './load/load-desk.ts'
