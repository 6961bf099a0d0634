import t from 'tap'
import { chooseTests, findTests, ordinary, system } from '../../src/test-run/suites.ts'

t.test('every file of a suite is found, at any depth, and none of another', async (t) => {
  const root = t.testdir({
    apps: { api: { test: { 'a.test.ts': '', deep: { down: { 'b.system.ts': '', 'c.test.ts': '' } } } } },
    packages: {
      jobs: { test: { 'd.system.ts': '', helpers: { 'desk.ts': '' } }, src: { 'e.test.ts': '' } },
      plain: { src: {} },
    },
  })
  t.strictSame(findTests(root, ordinary).sort(), [
    'apps/api/test/a.test.ts',
    'apps/api/test/deep/down/c.test.ts',
  ])
  const slow = ['apps/api/test/deep/down/b.system.ts', 'packages/jobs/test/d.system.ts']
  t.strictSame(findTests(root, system).sort(), slow)
  t.strictSame([...chooseTests(root, system, [])].sort(), slow)
})

t.test('of a suite one may ask for some files; for those of another one is told the command', async (t) => {
  t.strictSame(chooseTests('/nowhere', system, ['x/y.system.ts']), ['x/y.system.ts'])
  t.throws(() => chooseTests('/nowhere', ordinary, ['x/a.test.ts', 'x/y.system.ts']), {
    name: 'UserError',
    message: 'x/y.system.ts is run by: npm run test:system x/y.system.ts',
  })
  t.throws(() => chooseTests('/nowhere', system, ['x/a.test.ts']), { message: /: npm test x\/a\.test\.ts$/ })
  t.throws(() => chooseTests('/nowhere', system, ['x/a.ts']), { message: /^x\/a\.ts is no test: / })
})
