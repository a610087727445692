import packed from 'zxing-wasm/reader/zxing_reader.wasm?url&inline';

/** Stands for wasm.ts in the page that is one file: the program is in the page itself. */
export const wasmOf = () => ({
  wasmBinary: Uint8Array.from(atob(packed.slice(packed.indexOf(',') + 1)), (letter) =>
    letter.charCodeAt(0),
  ).buffer,
});
