import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@servicedesk/dev'
import sharp from 'sharp'

export interface Photograph {
  name: string
  content: Buffer
}

const FOLDER = join(repositoryRoot, 'packages/files/test/fixtures')
/** A telephone's twelve megapixels. */
const LARGE = { width: 4032, height: 3024 }

/** The photographs of the repository, and one of them enlarged to what telephones send today. */
export async function photographs(): Promise<Photograph[]> {
  const real = await Promise.all(
    ['Landscape_6.jpg', 'Portrait_5.jpg'].map(async (name) => ({
      name,
      content: await readFile(join(FOLDER, name)),
    })),
  )
  const [first] = real
  if (first === undefined) throw new Error(`no photographs in ${FOLDER}`)
  // The orientation goes along with it, so that there is something to turn.
  const large = sharp(first.content)
    .resize({ ...LARGE, fit: 'fill' })
    .keepMetadata()
    .jpeg({ quality: 85 })
  return [...real, { name: '12-megapixels.jpg', content: await large.toBuffer() }]
}
