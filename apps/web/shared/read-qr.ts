/** Shape Detection API (WICG), as far as these pages need it: Android has it, few others. */
interface Detector {
  detect(picture: HTMLCanvasElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface Detectors {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** The texts of the QR codes in a picture: none where it holds none that can be read. */
export type QrReader = (canvas: HTMLCanvasElement) => Promise<readonly string[]>;

/** The browser's own reader where it reads QR codes; ours is loaded with the first picture else. */
export async function readerHere(ours: QrReader = readByOurs): Promise<QrReader> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: Detectors };
  // There may be one that reads nothing: what it stands on is a service of the phone's.
  const formats = (await BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (BarcodeDetector === undefined || !formats.includes('qr_code')) return ours;
  const detector = new BarcodeDetector({ formats: ['qr_code'] });
  let isBroken = false;
  return async (canvas) => {
    if (isBroken) return ours(canvas);
    try {
      return (await detector.detect(canvas)).map(({ rawValue }) => rawValue);
    } catch {
      isBroken = true;
      return ours(canvas);
    }
  };
}

async function readByOurs(canvas: HTMLCanvasElement): Promise<readonly string[]> {
  const picture = pixelsOf(canvas);
  if (picture === null) return [];
  const { default: decode } = await import('qr/decode.js');
  try {
    return [decode(picture)];
  } catch {
    return []; // most pictures hold no code
  }
}

export const pixelsOf = (canvas: HTMLCanvasElement): ImageData | null =>
  canvas
    .getContext('2d', { willReadFrequently: true })
    ?.getImageData(0, 0, canvas.width, canvas.height) ?? null;
