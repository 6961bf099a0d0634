export { type Measured, measure, quantile } from './measure.ts'
