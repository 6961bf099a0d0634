import { main } from './test-run/main.ts'
import { system } from './test-run/suites.ts'

// npm run test:system [-- files]

await main(system)
