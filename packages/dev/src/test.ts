import { main } from './test-run/main.ts'
import { ordinary } from './test-run/suites.ts'

// npm test [-- files]

await main(ordinary)
