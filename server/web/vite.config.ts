import { defineConfig } from 'vite';

// Addresses are relative, so the page works behind any prefix. Nothing is inlined: the page's security policy forbids it.
export default defineConfig({
  base: './',
  build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false, target: 'es2022', chunkSizeWarningLimit: 1200 },
});
