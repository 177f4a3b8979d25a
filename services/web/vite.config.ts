import { defineConfig } from 'vite'

/** Where the proxy of the development server finds a Parley; that one has to allow this page's origin. */
const server = process.env['PARLEY_URL'] ?? 'http://localhost:3000'

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2023',
    modulePreload: false,
    // A data: address would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/users': server,
      '/chat': server,
      '/socket.io': { target: server, ws: true },
    },
  },
})
