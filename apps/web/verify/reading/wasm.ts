import address from 'zxing-wasm/reader/zxing_reader.wasm?url';

/** Where the patient reader's program is: a file of this city, of the set that the log records. */
export const wasmOf = () => ({ locateFile: () => address });
