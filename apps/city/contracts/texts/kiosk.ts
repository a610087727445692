import type { CodeTexts } from './text.js';

/** Problems of a kiosk's own devices, which the program beside its page tells. */
export const kioskTexts: CodeTexts = {
  ipp_malformed: [
    'The printer’s answer is no IPP message.',
    '打印机的应答不是有效的 IPP 报文。',
    'look-again',
  ],
  printer_away: ['The printer does not answer.', '打印机没有应答。', 'look-again'],
  printer_refused: ['The printer refused the request.', '打印机拒绝了请求。', 'look-again'],
  printer_busy: ['Another page is being printed.', '正在打印另一份证明。', 'look-again'],
  printer_not_ready: [
    'The printer cannot print now. Nothing was sent to it.',
    '打印机现在不能打印，没有向它发送任何内容。',
    'look-again',
  ],
  daily_pages_of_kiosk: [
    'This kiosk has printed as many pages as it may today.',
    '本终端今日打印页数已达上限。',
    'ask-administrator',
  ],
  page_foreign: [
    'Only the page of this kiosk may ask its devices.',
    '只有本终端的页面可以使用其设备。',
    'other-caller',
  ],
  kiosk_secret_wrong: [
    'The kiosk was started anew. Its page has to be opened again.',
    '终端程序已重新启动，请重新打开页面。',
    'begin-again',
  ],
  city_away: ['The city does not answer.', '城市服务没有应答。', 'retry'],
  document_unread: [
    'The document cannot be read. Lay it on the reader again.',
    '证件未能读取，请重新放置。',
    'begin-again',
  ],
  sample_reader_outside_trial: [
    'Made-up documents are read beside a trial city only.',
    '虚构证件只能在试运行城市读取。',
    'correct-settings',
  ],
  print_absent: ['There is no print of this id.', '没有该编号的打印任务。', 'look-again'],
  print_id_malformed: [
    'The id of the print is malformed.',
    '打印编号格式不正确。',
    'correct-request',
  ],
  print_not_pdf: ['The document is no PDF.', '文件不是 PDF。', 'correct-request'],
  print_pages_wrong: [
    'The number of pages is not one that is printed at once.',
    '页数不在一次可打印的范围内。',
    'correct-request',
  ],
};
