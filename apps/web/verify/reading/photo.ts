import { pixelsOf, type QrReader, readerHere } from '../../shared/read-qr.ts';
import type { Parting } from './zxing.ts';

/** Pixels that a canvas has at most on every phone (Safari's limit). */
const maxPixels = 16_777_216;
/** Milliseconds for our smaller reader; the patient one comes after it. */
const patience = 1_000;

/** A file that this browser cannot show as a picture. */
export class NoPicture extends Error {}

/**
 * The texts of the QR codes in a photograph. The readers are asked one after another until they
 * have found enough: the browser's own, ours, and one that is loaded for hard pictures alone.
 * @param isEnough whether these texts are all that a page has
 * @throws NoPicture
 */
export async function readPhoto(
  file: Blob,
  isEnough: (texts: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const canvas = drawn(
    await createImageBitmap(file).catch(() => {
      throw new NoPicture();
    }),
  );
  const texts = new Set<string>();
  for (const read of [await readerHere(readAll), ...patient]) {
    for (const text of await read(canvas)) texts.add(text);
    if (isEnough([...texts])) break;
  }
  return [...texts];
}

/** @param scale of its sides, as far as a canvas can be so large */
function drawn(picture: ImageBitmap | HTMLCanvasElement, scale = 1): HTMLCanvasElement {
  const { width, height } = picture;
  const by = Math.min(scale, Math.sqrt(maxPixels / (width * height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.floor(width * by);
  canvas.height = Math.floor(height * by);
  canvas
    .getContext('2d', { willReadFrequently: true })
    ?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Every code of a picture, where a camera's reader stops at the first one. */
const readAll: QrReader = async (canvas) => {
  const picture = pixelsOf(canvas);
  if (picture === null) return [];
  const { decodeQRBatch } = await import('qr/decode.js');
  const [found = []] = await decodeQRBatch([picture], { timeLimit: patience });
  return found.filter((text) => typeof text === 'string');
};

const patiently =
  (scale: number, parting: Parting): QrReader =>
  async (canvas) => {
    const picture = pixelsOf(scale === 1 ? canvas : drawn(canvas, scale));
    if (picture === null) return [];
    const { readPatiently } = await import('./zxing.ts');
    return readPatiently(picture, parting);
  };

/** Of 40 photographs the first reads 36, and the others two more. */
const patient: readonly QrReader[] = [
  patiently(1, 'LocalAverage'),
  patiently(1, 'GlobalHistogram'),
  patiently(1.5, 'LocalAverage'),
  patiently(1.5, 'GlobalHistogram'),
];

/** Pictures of the camera that go by unread before the patient reader looks at them, too. */
const unreadBefore = 8;

/** For a camera: the quick reader, and the patient one where that finds nothing. */
export async function cameraReader(): Promise<QrReader> {
  const quick = await readerHere();
  const slow = patiently(1, 'LocalAverage');
  let unread = 0;
  return async (canvas) => {
    const texts = await quick(canvas);
    unread = texts.length > 0 ? 0 : unread + 1;
    return unread > unreadBefore ? slow(canvas) : texts;
  };
}
