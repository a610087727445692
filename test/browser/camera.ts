import { writeFile } from 'node:fs/promises';
import { encode } from 'uqr';

const [width, height] = [640, 480];

/** Makes Chromium use a file as its camera, without asking for permission. */
export const cameraArgs = (file: string): string[] => [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-video-capture=${file}`,
];

/** A film (YUV4MPEG2) of one still: a QR code on white, as a camera sees a screen. */
export async function filmQrCode(file: string, text: string): Promise<void> {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const scale = Math.floor(height / size);
  const [left, top] = [(width - size * scale) >> 1, (height - size * scale) >> 1];
  const luma = Buffer.alloc(width * height, 235);
  data.forEach((row, y) => {
    row.forEach((dark, x) => {
      if (!dark) return;
      for (let line = 0; line < scale; line += 1) {
        const from = (top + y * scale + line) * width + left + x * scale;
        luma.fill(16, from, from + scale);
      }
    });
  });
  const grey = Buffer.alloc((width * height) / 2, 128);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, grey]);
  await writeFile(file, Buffer.concat([head, frame, frame]));
}
