// Sources reach Jest through swc as CommonJS, so modules that tests load use neither `import.meta` nor
// top-level await. Packages that ship ES modules only are transformed too.
const esModulesOnly = ['p-limit', 'uuid', 'yocto-queue', 'zod-openapi']

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/services', '<rootDir>/shared', '<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '\\.[cm]?[jt]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModulesOnly.join('|')})/)`],
  testTimeout: 30_000,
}
