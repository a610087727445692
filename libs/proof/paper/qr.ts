import { correction, generate, mode } from 'lean-qr';
import { PaperPartWrong, PaperTooLong } from './paper.errors.js';
import type { QrCode, QrSegment } from './ports.js';

/** What survives a print of 50 mm, a crease and a hand-held camera: bytes of one QR code. */
export const maxQrBytes = 1050;

/**
 * A QR code (ISO/IEC 18004) as SVG: a square of the symbol alone; its quiet zone is the layout's.
 * @throws PaperTooLong over 1,050 bytes, digits counted as the ten bits of three; PaperPartWrong
 * where digits are none, or nothing is given
 */
export function qrSvg(code: QrCode): string {
  const bits = code.segments.reduce((sum, segment) => sum + bitsOf(segment), 0);
  if (bits === 0) throw new PaperPartWrong('qr', 'a QR code has no bytes');
  if (bits > maxQrBytes * 8) throw new PaperTooLong('bytes in a QR code', maxQrBytes);
  const level = correction[code.correction];
  const symbol = generate(mode.multi(...code.segments.map(modeOf)), {
    minCorrectionLevel: level,
    maxCorrectionLevel: level,
  });
  return svgOf(symbol.size, (x, y) => symbol.get(x, y));
}

function bitsOf(segment: QrSegment): number {
  if (segment.mode === 'bytes') return segment.bytes.length * 8;
  if (!/^[0-9]*$/.test(segment.digits))
    throw new PaperPartWrong('qr', 'a numeric part of a QR code has digits alone');
  return Math.ceil((segment.digits.length * 10) / 3);
}

const modeOf = (segment: QrSegment) =>
  segment.mode === 'bytes' ? mode.bytes(segment.bytes) : mode.numeric(segment.digits);

/** One path of runs along each row: a rectangle a module would show hairlines between modules. */
function svgOf(size: number, isDark: (x: number, y: number) => boolean): string {
  let path = '';
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      if (!isDark(x, y)) continue;
      const from = x;
      while (x < size && isDark(x, y)) x++;
      path += `M${from} ${y}h${x - from}v1h${from - x}z`;
    }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}"><path d="${path}"/></svg>`;
}
