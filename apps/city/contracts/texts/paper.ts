import type { CodeTexts } from './text.js';

/** Problems of the pages that are printed. */
export const paperTexts: CodeTexts = {
  paper_facts_wrong: [
    'The fields of the e-proof are not those of its page.',
    '证明字段与打印版式不符。',
    'correct-data',
  ],
  paper_undrawable: [
    'A character cannot be printed with the fonts of this city. Nothing was printed.',
    '有字符无法用本市字体打印，未打印任何内容。',
    'correct-settings',
  ],
  paper_part_wrong: [
    'A part of the page is not in its format.',
    '打印内容中有一项格式不正确。',
    'correct-request',
  ],
  paper_too_long: [
    'The page would be longer than what is printed at once.',
    '打印内容超过一次打印的上限。',
    'correct-request',
  ],
  renderer_busy: ['Too many pages are waiting to be drawn.', '等待制作的打印页过多。', 'retry'],
  renderer_away: [
    'The page could not be drawn now. Nothing was printed.',
    '打印页暂时无法制作，未打印任何内容。',
    'retry',
  ],
  pdf_not_ours: [
    'A page to be signed is not as this city draws pages. Nothing was signed.',
    '待签名的打印页不是由本市系统制作，未签名。',
    'report',
  ],
  paper_fonts_wrong: [
    'A font that PAPER_FONTS names cannot be used.',
    'PAPER_FONTS 所列字体无法使用。',
    'correct-settings',
  ],
};
