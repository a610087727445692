import type { Language } from '../../shared/language.tsx';
import type { Certificate } from './wallet.ts';

export interface OwnValue {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

/** A field as people read it; a picture or file is named by a hash, and told as one. */
export function textOf(value: unknown, language: Language): string {
  if (typeof value === 'string')
    return /^[0-9a-f]{64}$/.test(value)
      ? language === 'zh'
        ? '（图像或文件）'
        : '(image or file)'
      : value;
  if (typeof value === 'boolean')
    return language === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no';
  if (Array.isArray(value))
    return value.map((one) => textOf(one, language)).join(language === 'zh' ? '、' : ', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, one]) => `${key} ${textOf(one, language)}`)
      .join(language === 'zh' ? '；' : '; ');
  return typeof value === 'number' ? String(value) : '—';
}

export const fieldName = (
  key: string,
  { fieldNamesEn }: Pick<Certificate, 'fieldNamesEn'>,
  language: Language,
): string => (language === 'en' ? (fieldNamesEn[key] ?? key) : key);

/**
 * What a window would see of the asked fields: of the first answer for which there is a valid
 * certificate. Empty where there is none.
 */
export function ownValues(
  {
    answers,
  }: { readonly answers: readonly { readonly type: string; readonly fields: readonly string[] }[] },
  certificates: readonly Certificate[],
  language: Language,
): readonly OwnValue[] {
  for (const { type, fields } of answers) {
    const found = certificates.find((one) => one.type === type && one.standing === 'valid');
    if (found === undefined) continue;
    return fields.map((key) => ({
      key,
      name: fieldName(key, found, language),
      value: textOf(found.fields[key], language),
    }));
  }
  return [];
}
