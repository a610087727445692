import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UnavailableError } from '#libs/kernel';

/** A font that PAPER_FONTS names cannot be read, or is not of the family that it says. */
export class PaperFontsWrong extends UnavailableError<'paper_fonts_wrong'> {}

export interface Font {
  readonly family: string;
  readonly bytes: Buffer;
}

/** Taken in this order: what the first has not, the next draws. */
const packed = [
  ['Noto Serif SC', '@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf'],
  ['Noto Serif SC', '@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf'],
  ['Noto Serif JP', '@expo-google-fonts/noto-serif-jp/400Regular/NotoSerifJP_400Regular.ttf'],
] as const;

/** Where Debian's fonts-hanazono has the rare characters of the CJK extensions. */
const debians = '/usr/share/fonts/truetype/hanazono/HanaMinB.ttf';

/**
 * The fonts of pages: two from npm, then those of the setting.
 * @param setting PAPER_FONTS: `FAMILY=FILE`, several parted by `;`. Without it Debian's HanaMinB,
 *   where it is installed.
 * @throws PaperFontsWrong
 */
export async function loadFonts(setting: string | undefined): Promise<readonly Font[]> {
  const own = await Promise.all(
    packed.map(async ([family, file]) => ({
      family,
      bytes: await readFile(fileURLToPath(import.meta.resolve(file))),
    })),
  );
  return [...own, ...(await Promise.all((await furtherFonts(setting)).map(loadFont)))];
}

type Named = readonly [family: string, file: string];

async function furtherFonts(setting: string | undefined): Promise<readonly Named[]> {
  if (setting === undefined) {
    const isThere = await access(debians).then(
      () => true,
      () => false,
    );
    return isThere ? [['HanaMinB', debians]] : [];
  }
  return setting
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [family = '', file = ''] = part.split('=').map((word) => word.trim());
      if (family === '' || file === '') throw fontsWrong(`${part} is not FAMILY=FILE`);
      return [family, file];
    });
}

async function loadFont([family, file]: Named): Promise<Font> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) throw fontsWrong(`${file} cannot be read`);
  return { family, bytes };
}

export const fontsWrong = (message: string): PaperFontsWrong =>
  new PaperFontsWrong('paper_fonts_wrong', `PAPER_FONTS: ${message}`);
