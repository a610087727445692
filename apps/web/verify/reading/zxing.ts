import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { wasmOf } from './wasm.ts';

// Without this it would be fetched from its makers' network.
prepareZXingModule({ overrides: wasmOf() });

/** A page has two codes at most. */
const codes = 2;

/** How a picture is parted into black and white: by what is near, or by the whole. */
export type Parting = 'LocalAverage' | 'GlobalHistogram';

/** The texts of the QR codes in a picture, by the most patient of the readers. */
export async function readPatiently(
  picture: ImageData,
  parting: Parting = 'LocalAverage',
): Promise<readonly string[]> {
  const found = await readBarcodes(picture, {
    formats: ['QRCode'],
    maxNumberOfSymbols: codes,
    binarizer: parting,
    tryHarder: true,
    textMode: 'Plain',
  });
  return found.filter(({ isValid }) => isValid).map(({ text }) => text);
}
