import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// Two pages: the dashboard, and the API's documentation. Headgate serves both and puts in the base URL and the nonce.
export default defineConfig({
  // The server says in <base> where it serves them: a control prefix is not known when this is built.
  base: "./",
  plugins: [react(), compressed()],
  build: {
    target: "es2023",
    // These know light-dark(); translated for older ones it would lose its colours beside the theme.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    rollupOptions: { input: ["index.html", "docs.html"] },
    modulePreload: { polyfill: false },
    // Nothing becomes a data: URL: the policy of the page allows none but for images.
    assetsInlineLimit: 0,
    // Swagger UI is one file of 1.5 MB, which is loaded by the page of the API only.
    chunkSizeWarningLimit: 1_600,
  },
});

/** Compressed once here, at the highest level, instead of at each request. */
function compressed(): Plugin {
  let folder = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved({ root, build }) {
      folder = join(root, build.outDir, "assets");
    },
    closeBundle() {
      for (const name of readdirSync(folder)) {
        if (!/\.(?:js|css|svg)$/.test(name)) continue;
        const bytes = readFileSync(join(folder, name));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        writeFileSync(
          join(folder, `${name}.br`),
          brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
        );
      }
    },
  };
}
