import t from 'tap'
import { CATEGORY_LIMITS, FILE_TYPES, isDeclaredTypeAllowed, typeForName } from '../src/types.ts'

t.test('the table holds what the contract names', async (t) => {
  const named: Record<string, string> = {
    documents: 'txt pdf doc docx xls xlsx ppt pptx rtf',
    images: 'png jpg jpeg gif bmp webp',
    archives: 'zip rar 7z tar gz',
    logs: 'log csv',
    code: 'py js html css json xml sql',
  }
  for (const [category, extensions] of Object.entries(named)) {
    const found = FILE_TYPES.filter((type) => type.category === category).map((type) => type.extension)
    t.same(found.sort(), extensions.split(' ').sort(), category)
  }
  t.same(CATEGORY_LIMITS, {
    documents: 26_214_400,
    images: 10_485_760,
    archives: 26_214_400,
    logs: 26_214_400,
    code: 5_242_880,
  })
})

t.test('a type is found by the last extension in any case', async (t) => {
  t.equal(typeForName('SCREENSHOT.PNG')?.mimeType, 'image/png')
  t.equal(typeForName('logs.tar.gz')?.category, 'archives')
  for (const name of ['icon.svg', 'setup.exe', 'report.pdf.exe', 'png', '.png', 'toString', 'x.__proto__']) {
    t.equal(typeForName(name), undefined, name)
  }
})

t.test('declared types', async (t) => {
  const allowed = (name: string, declared?: string) => isDeclaredTypeAllowed(typeForName(name)!, declared)
  t.ok(allowed('a.png', 'image/png'))
  t.ok(allowed('a.jpg', 'image/jpg'))
  t.ok(allowed('a.jpg', 'Image/JPEG; charset=binary'))
  t.ok(allowed('a.csv', 'application/vnd.ms-excel'), 'what browsers send where Excel is installed')
  t.ok(allowed('a.zip', 'application/x-zip-compressed'))
  t.ok(allowed('a.js', 'application/javascript'))
  t.ok(allowed('a.png', 'application/octet-stream'))
  t.ok(allowed('a.png', undefined))
  t.ok(allowed('a.png', 'text/plain'), 'what parsers report for a part without a type')
  for (const extension of 'doc docx xls xlsx ppt pptx pdf'.split(' ')) {
    t.ok(allowed(`a.${extension}`, `application/wps-office.${extension}`), extension)
    t.equal(allowed(`a.${extension}`, 'application/vnd.ms-office'), extension !== 'pdf', extension)
  }
  for (const extension of ['docx', 'xlsx', 'pptx']) {
    t.ok(allowed(`a.${extension}`, `application/haansoft${extension}`), extension)
  }
  t.ok(allowed('a.doc', 'application/x-msword'))
  t.ok(allowed('a.pdf', 'image/pdf'))
  t.ok(allowed('a.py', 'text/x-python3'))
  t.ok(allowed('a.js', 'text/x-javascript'))
  t.ok(allowed('a.webp', 'image/x-webp'))
  t.notOk(allowed('a.xlsx', 'application/wps-office.docx'))
  t.notOk(allowed('a.png', 'image/jpeg'))
  t.notOk(allowed('a.png', 'image/svg+xml'))
  t.notOk(allowed('a.txt', 'text/html'))
  t.notOk(allowed('a.pdf', 'application/x-msdownload'))
  for (const type of FILE_TYPES) t.ok(isDeclaredTypeAllowed(type, type.mimeType), type.extension)
})
