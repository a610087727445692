import type { ShownState } from '../shared/display.ts';

type Answered = Exclude<ShownState, 'waiting'>;

const zh = {
  hall: '政务服务窗口',
  wait: '请稍候，工作人员为您办理。',
  queue: '排队号',
  noWindow: '窗口页面没有打开',
  from: (department: string, window: string) => `${department}　${window} 窗口请您核对`,
  title: (matter: string, n: number) => `为您办理“${matter}”，想使用您的 ${n} 份证照`,
  comma: '、',
  once: '只用一次。您可以不同意，改交纸质材料，不影响办理。',
  type: '请在手机上输入这两位数',
  scan: '或用手机扫此码，不必输入数字',
  onPhone: '请在手机上核对并答复',
  left: (minutes: number, seconds: number) => `还有 ${minutes} 分 ${seconds} 秒`,
  noPhone: '没有手机？请告诉工作人员，可以改交纸质材料',
  state: {
    granted: '您已同意',
    received: '您已同意',
    refused: '您未同意',
    withdrawn: '您已撤回',
    expired: '已过期',
    withheld: '信息没有取出',
  } as Record<Answered, string>,
  stateMore: {
    granted: '窗口正在取用所列信息。',
    received: '窗口已取用所列信息，仅此一次。您可以在手机上查看这次用证记录。',
    refused: '没有取用任何信息。可以改交纸质材料，不影响办理。',
    withdrawn: '没有取用任何信息。可以改交纸质材料，不影响办理。',
    expired: '没有取用任何信息。工作人员可以再请求一次。',
    withheld: '证照有变更，没有取用任何信息。请按工作人员提示办理。',
  } as Record<Answered, string>,
};
const en: typeof zh = {
  hall: 'Service window',
  wait: 'One moment, please: the clerk is with you.',
  queue: 'Queue number',
  noWindow: "The window's page is not open",
  from: (department, window) => `${department}, window ${window}: please check`,
  title: (matter, n) =>
    `For "${matter}" we would like to use ${n === 1 ? 'one certificate' : `${n} certificates`} of yours`,
  comma: ', ',
  once: 'Used once. You may say no and bring the papers; your case is handled all the same.',
  type: 'Type this number on your phone',
  scan: 'Or scan this code with your phone, and type nothing',
  onPhone: 'Please read and answer on your phone',
  left: (minutes, seconds) => `${minutes} min ${seconds} s left`,
  noPhone: 'No phone? Tell the clerk: papers serve as well',
  state: {
    granted: 'You agreed',
    received: 'You agreed',
    refused: 'You did not agree',
    withdrawn: 'You took it back',
    expired: 'Expired',
    withheld: 'No data were taken',
  },
  stateMore: {
    granted: 'The window is fetching what is listed.',
    received:
      'The window has what is listed, this once. Your phone shows the entry in your record.',
    refused: 'No data were taken. Papers serve as well; your case is handled all the same.',
    withdrawn: 'No data were taken. Papers serve as well; your case is handled all the same.',
    expired: 'No data were taken. The clerk can ask once more.',
    withheld: 'A certificate changed, and no data were taken. The clerk says how to go on.',
  },
};

export const words = { zh, en };
