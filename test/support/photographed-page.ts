import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { crc32, deflateSync } from 'node:zlib';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';

// A test's own context looks a global up by name each time, millions of times a picture.
const { PI, abs, ceil, cos, exp, floor, hypot, imul, log, max, min, round, sin, sqrt } = Math;

/** A grey picture, row by row, 0 is black. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A QR code: one pixel a module, without its quiet zone. */
export type Modules = Picture;

/**
 * A QR code that changes its mode where that is shorter, as printed codes do: bytes, then digits.
 * @param ecc error correction
 */
export async function qrModules(text: string, ecc: 'L' | 'M' = 'M'): Promise<Modules> {
  const program = createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm');
  prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(readFileSync(program)).buffer } });
  const { symbol } = await writeBarcode(text, { format: 'QRCode', options: `ecLevel=${ecc}` });
  const { width, height } = symbol;
  return { width, height, data: Uint8Array.from(symbol.data) };
}

/** How a page lies before the camera, and what light and lens do to it. */
export interface Photograph {
  readonly name: string;
  readonly seed: number;
  /** Pixels an inch of paper, in the middle of the picture. */
  readonly dpi: number;
  /** Degrees by which the page is tilted away from the camera, about an axis in its plane. */
  readonly tilt: number;
  /** Degrees of that axis, and of the page's turn in the picture. */
  readonly axis: number;
  readonly turn: number;
  /** Standard deviation of the blur, in millimetres on the paper. */
  readonly blur: number;
  /** Share of white that a lamp adds in the middle of its reflection; 0 for none. */
  readonly glare: number;
  /** Standard deviation of the noise, in grey levels of 255. */
  readonly noise: number;
  /** Degrees by which the page is folded along a line through the first code; 0 for none. */
  readonly crease: number;
}

/** Numbers from 0 to 1, the same for a seed on every machine (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const [a4Width, a4Height] = [210, 297];
/** Pixels a millimetre of the drawn page: 600 dpi. */
const scale = 600 / 25.4;
const [paper, ink] = [245, 25];

/** Millimetres from the left and from the top of the page, and of a side. */
interface Place {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Where the codes stand: 50 mm wide without their quiet zones, at the foot of the page. */
const places: readonly Place[] = [
  { left: 24, top: 210, side: 50 },
  { left: 94, top: 210, side: 50 },
];

/**
 * An A4 page as a printer draws it: lines of writing, a table, a ring where a seal would be, and
 * one or two QR codes.
 */
export function printedPage(codes: readonly Modules[]): Picture {
  const [width, height] = [round(a4Width * scale), round(a4Height * scale)];
  const data = new Uint8Array(width * height).fill(paper);
  const fill = (left: number, top: number, wide: number, high: number) => {
    const from = round(left * scale);
    const until = round((left + wide) * scale);
    for (let y = round(top * scale); y < round((top + high) * scale); y += 1)
      data.fill(ink, y * width + from, y * width + until);
  };
  const random = randomFrom(1);
  // Writing of 4 mm: each character some strokes in its square.
  for (let line = 30; line < 195; line += 8)
    for (let at = 24; at < 185; at += 4.2)
      for (let stroke = 0; stroke < 4; stroke += 1)
        if (random() < 0.5) fill(at, line + random() * 3.4, 3.4, 0.4);
        else fill(at + random() * 3, line, 0.4, 3.6);
  for (let row = 120; row <= 160; row += 10) fill(24, row - 1, 162, 0.3);
  ring(data, width, 160, 185);
  codes.forEach(({ width: size, data: modules }, n) => {
    const place = places[n];
    if (place === undefined) throw new RangeError('a page has two codes at most');
    const module = place.side / size;
    const white = 4 * module;
    for (
      let y = round((place.top - white) * scale);
      y < round((place.top + place.side + white) * scale);
      y += 1
    )
      data.fill(
        paper,
        y * width + round((place.left - white) * scale),
        y * width + round((place.left + place.side + white) * scale),
      );
    for (let at = 0; at < size * size; at += 1)
      if (modules[at] === 0)
        fill(
          place.left + (at % size) * module,
          place.top + floor(at / size) * module,
          module,
          module,
        );
  });
  return { width, height, data };
}

function ring(data: Uint8Array, width: number, centreX: number, centreY: number) {
  for (let y = round((centreY - 20) * scale); y < (centreY + 20) * scale; y += 1)
    for (let x = round((centreX - 20) * scale); x < (centreX + 20) * scale; x += 1) {
      const distance = hypot(x / scale - centreX, y / scale - centreY);
      if (distance > 18.6 && distance < 20) data[y * width + x] = 120;
    }
}

const radians = (degrees: number) => (degrees * PI) / 180;

type Vector = readonly [number, number, number];
const cross = ([a, b, c]: Vector, [x, y, z]: Vector): Vector => [
  b * z - c * y,
  c * x - a * z,
  a * y - b * x,
];
const dot = ([a, b, c]: Vector, [x, y, z]: Vector) => a * x + b * y + c * z;

/** Turns a vector about an axis of length 1 (Rodrigues). */
function rotated(vector: Vector, axis: Vector, angle: number): Vector {
  const [even, odd] = [cos(angle), sin(angle)];
  const [x, y, z] = cross(axis, vector);
  const along = dot(axis, vector) * (1 - even);
  return [
    vector[0] * even + x * odd + axis[0] * along,
    vector[1] * even + y * odd + axis[1] * along,
    vector[2] * even + z * odd + axis[2] * along,
  ];
}

/** Millimetres from the camera to the middle of the page: an arm's length. */
const distance = 380;

/**
 * By which a place in the picture is one on the page: `left`, `top` and the divisor of both, each a
 * linear form of x, y and 1.
 */
type Homography = Readonly<Record<'left' | 'top' | 'by', Vector>>;

/**
 * @param across direction of the page's lines in space @param down of its left edge
 * @param origin a place in that plane, whose place on the page is `left`, `top`
 */
function homography(
  across: Vector,
  down: Vector,
  origin: Vector,
  { left, top, focal }: { readonly left: number; readonly top: number; readonly focal: number },
): Homography {
  const normal = cross(across, down);
  const reach = dot(normal, origin);
  // A ray (x/f, y/f, 1) meets the plane at reach / (normal · ray).
  const by: Vector = [normal[0] / focal, normal[1] / focal, normal[2]];
  const along = (direction: Vector, from: number): Vector => {
    const shift = from - dot(direction, origin);
    return [
      (direction[0] * reach) / focal + shift * by[0],
      (direction[1] * reach) / focal + shift * by[1],
      direction[2] * reach + shift * by[2],
    ];
  };
  return { left: along(across, left), top: along(down, top), by };
}

/** The mean of each square of `by` pixels. */
function shrunk({ width, height, data }: Picture, by: number): Picture {
  const [wide, high] = [floor(width / by), floor(height / by)];
  const small = new Uint8Array(wide * high);
  for (let y = 0; y < high; y += 1)
    for (let x = 0; x < wide; x += 1) {
      let sum = 0;
      for (let row = 0; row < by; row += 1)
        for (let n = 0; n < by; n += 1) sum += data[(y * by + row) * width + x * by + n] ?? 0;
      small[y * wide + x] = sum / (by * by);
    }
  return { width: wide, height: high, data: small };
}

/**
 * What a camera sees of a page: a pinhole before a plane, or two planes where the page is folded.
 */
export function photographed(page: Picture, how: Photograph): Picture {
  const { dpi, tilt, axis, turn, crease, glare, noise, seed } = how;
  const random = randomFrom(seed);
  const perMm = dpi / 25.4;
  const focal = perMm * distance;
  const turned = abs(sin(radians(turn)));
  const width = round((a4Width + turned * a4Height * 0.5) * 1.08 * perMm);
  const height = round((a4Height + turned * a4Width * 0.2) * 1.08 * perMm);
  const tiltAxis: Vector = [cos(radians(axis)), sin(radians(axis)), 0];
  const lay = (vector: Vector) =>
    rotated(rotated(vector, [0, 0, 1], radians(turn)), tiltAxis, radians(tilt));
  const fold = (places[0]?.top ?? 0) + 25 + (random() - 0.5) * 10;
  const [x0, y0, z0] = lay([0, fold - a4Height / 2, 0]);
  const plane = (angle: number) =>
    homography(
      lay([1, 0, 0]),
      lay(rotated([0, 1, 0], [1, 0, 0], radians(angle))),
      [x0, y0, z0 + distance],
      { left: a4Width / 2, top: fold, focal },
    );
  const planes = [plane(-crease / 2), plane(crease / 2)] as const;
  const lamp = {
    x: width * (0.15 + 0.35 * random()),
    y: height * (0.7 + 0.2 * random()),
    wide: width * 0.16,
    high: height * 0.09,
    slope: 0.25 * (random() - 0.5),
  };

  const by = dpi > 220 ? 1 : 2;
  const sharp = by === 1 ? page : shrunk(page, by);
  const seen = new Float32Array(width * height);
  for (let part = 0; part < 4; part += 1) {
    const [dx, dy] = [(part & 1) / 2 + 0.25 - width / 2, (part >> 1) / 2 + 0.25 - height / 2];
    for (const [n, { left, top, by: divisor }] of planes.entries()) {
      const shade = n === 0 || crease === 0 ? 1 : 0.88;
      for (let y = 0; y < height; y += 1) {
        const py = y + dy;
        for (let x = 0; x < width; x += 1) {
          const px = x + dx;
          const w = divisor[0] * px + divisor[1] * py + divisor[2];
          const v = (top[0] * px + top[1] * py + top[2]) / w;
          if (n === 0 ? v > fold : v <= fold) continue;
          const u = (left[0] * px + left[1] * py + left[2]) / w;
          const column = floor((u * scale) / by);
          const row = floor((v * scale) / by);
          let value = 95; // the desk
          if (column >= 0 && row >= 0 && column < sharp.width && row < sharp.height) {
            value = (sharp.data[row * sharp.width + column] ?? 0) * shade;
            const from = abs(v - fold);
            // Along a fold ink breaks off, and a shadow lies beside it.
            if (crease !== 0 && from < 0.9) value = from < 0.25 ? max(value, 170) : value * 0.85;
          }
          const at = y * width + x;
          seen[at] = (seen[at] ?? 0) + value / 4;
        }
      }
    }
  }
  blur(seen, width, height, how.blur * perMm);

  const grain = Float32Array.from({ length: 65536 }, () => noise * normal(random));
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const offset = floor(random() * 65536);
    for (let x = 0; x < width; x += 1) {
      // A lamp from one side, and its reflection.
      const even = 0.82 + lamp.slope * ((x / width) * 2 - 1) - 0.1 * (y / height);
      const white =
        glare === 0
          ? 0
          : glare * exp(-(((x - lamp.x) / lamp.wide) ** 2 + ((y - lamp.y) / lamp.high) ** 2) / 2);
      const value =
        (seen[y * width + x] ?? 0) * even * (1 - white) +
        255 * white +
        (grain[(offset + x) & 65535] ?? 0);
      data[y * width + x] = max(0, min(255, round(value)));
    }
  }
  return { width, height, data };
}

/** Two uniform numbers for a normal one (Box and Muller). */
const normal = (random: () => number): number =>
  sqrt(-2 * log(1 - random())) * cos(2 * PI * random());

/** Gaussian, by its kernel along rows and then columns. */
function blur(data: Float32Array, width: number, height: number, sigma: number): void {
  if (sigma < 0.1) return;
  const reach = ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, n) =>
    exp(-(((n - reach) / sigma) ** 2) / 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const kernel = Float32Array.from(weights, (weight) => weight / sum);
  const line = new Float32Array(max(width, height));
  const pass = (count: number, length: number, start: number, step: number) => {
    for (let row = 0; row < count; row += 1) {
      const from = row * start;
      for (let at = 0; at < length; at += 1) line[at] = data[from + at * step] ?? 0;
      for (let at = 0; at < length; at += 1) {
        let value = 0;
        for (let n = -reach; n <= reach; n += 1) {
          const near = max(0, min(length - 1, at + n));
          value += (line[near] ?? 0) * (kernel[n + reach] ?? 0);
        }
        data[from + at * step] = value;
      }
    }
  };
  pass(height, width, width, 1);
  pass(width, height, 1, width);
}

/** PNG (ISO/IEC 15948) of a grey picture of 8 bits. */
export function pngOf({ width, height, data }: Picture): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(content.length, 0);
  named.copy(whole, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return whole;
}

/**
 * Forty photographs and scans of a printed page: tilts to 30°, 150 to 300 dpi, blur to 0.1 mm,
 * every second with a lamp's reflection, every third folded through the code.
 */
export const fortyPhotographs: readonly Photograph[] = Array.from({ length: 40 }, (_, n) => {
  const random = randomFrom(1000 + n);
  return {
    name: `photo-${String(n).padStart(2, '0')}`,
    seed: n + 1,
    dpi: 150 + round((n % 8) * (150 / 7)),
    tilt: round((floor(n / 8) / 4) * 30),
    axis: round(random() * 180),
    turn: round((random() - 0.5) * 30),
    blur: Number((0.02 + 0.08 * random()).toFixed(3)),
    glare: n % 2 === 0 ? 0 : Number((0.35 + 0.3 * random()).toFixed(2)),
    noise: Number((2 + 6 * random()).toFixed(1)),
    crease: n % 3 === 0 ? round(6 + 8 * random()) : 0,
  };
});
