import { realDeps } from './replay/deps.ts'
import { main } from './replay/main.ts'

// npm run replay -- FILE.csv

// Not process.exit(): a long summary may still be on its way into a pipe.
process.exitCode = await main(process.argv.slice(2), process, realDeps)
