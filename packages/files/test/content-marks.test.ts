import fc from 'fast-check'
import t from 'tap'
import { watchMarks } from '../src/content-marks.ts'
import { compoundFile, ooxml, zip } from './helpers/bytes.ts'

const holds = (extension: string, content: Buffer) => {
  const watch = watchMarks(extension)
  watch.push(content)
  return watch.seen()
}

t.test('what a document must have inside', async (t) => {
  t.ok(holds('docx', ooxml('docx')))
  t.notOk(holds('docx', ooxml('xlsx')))
  t.notOk(holds('docx', zip({ 'AndroidManifest.xml': 'x', 'classes.dex': 'x' })))
  t.ok(holds('doc', compoundFile('1Table', 'WordDocument')))
  t.notOk(holds('doc', compoundFile('Property', 'SummaryInformation')), 'an installer')
  t.ok(holds('xls', compoundFile('Book')), 'Excel 5')
  t.ok(holds('xlsx', compoundFile('EncryptionInfo', 'EncryptedPackage')))
  t.ok(holds('zip', Buffer.from('anything')))
})

t.test('a mark is found wherever the chunks are cut', async () => {
  const content = ooxml('pptx')
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
      const watch = watchMarks('pptx')
      for (let at = 0, turn = 0; at < content.length; turn++) {
        const size = sizes[turn % sizes.length]!
        watch.push(content.subarray(at, at + size))
        at += size
      }
      return watch.seen()
    }),
  )
})
