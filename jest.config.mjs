import { execFileSync } from 'node:child_process'
import { findChromium } from './tests/browser/find-chromium.ts'

// Sources reach Jest through swc as CommonJS, so modules that tests load use neither `import.meta` nor
// top-level await. Packages that ship ES modules only are transformed too.
const esModulesOnly = ['p-limit', 'uuid', 'yocto-queue', 'zod-openapi']

/** Whether a Docker engine answers, for the suites that need containers (`*.int.test.ts`). */
function engineAnswers() {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], {
      stdio: 'ignore',
      timeout: 10_000,
    })
    return true
  } catch {
    return false
  }
}

const containers = engineAnswers()
if (!containers && process.env.PARLEY_REQUIRE_CONTAINERS === '1') {
  throw new Error('PARLEY_REQUIRE_CONTAINERS=1, but no Docker engine answers')
}
if (!containers) {
  process.stderr.write(
    'No Docker engine answers: the suites on MongoDB, RabbitMQ, Redis and the composed stack are left out.\n',
  )
}
const browser = findChromium() !== undefined
if (!browser && process.env.PARLEY_REQUIRE_BROWSER === '1') {
  throw new Error('PARLEY_REQUIRE_BROWSER=1, but there is no Chromium')
}
if (!browser) process.stderr.write('There is no Chromium: the suites in a browser are left out.\n')
// The suites remove what they start, and so need no helper container that does.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true'

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/services', '<rootDir>/shared', '<rootDir>/tests', '<rootDir>/bench'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(containers ? [] : ['\\.int\\.test\\.ts$']),
    ...(browser ? [] : ['/tests/browser/']),
  ],
  modulePathIgnorePatterns: ['/tests/contract-tools/node_modules/'],
  transform: {
    '\\.[cm]?[jt]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
  testTimeout: 30_000,
}
