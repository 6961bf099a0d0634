import { register } from 'node:module'

// Loaded by `--import register.js?<variant>`: swaps modules of packages/jobs for the variant's broken ones.

register('./loader.js', import.meta.url, { data: new URL(import.meta.url).search.slice(1) })
