import { join, resolve } from 'node:path'
import { repositoryRoot } from './config.ts'
import { writePreviews } from './mail-preview/write-previews.ts'

// npm run mail:preview -- FOLDER

const [given] = process.argv.slice(2)
const folder = given === undefined ? join(repositoryRoot, 'mail-preview') : resolve(given)
console.log(`${writePreviews(folder)} mails are in ${join(folder, 'index.html')}`)
