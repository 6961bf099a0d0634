export { loadSampleData } from './load-sample-data.ts'
export { SAMPLE_PASSWORD } from './people.ts'
