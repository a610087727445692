export const zh = {
  title: '工作人员登录',
  department: '部门',
  window: '窗口',
  terminal: '终端',
  signIn: '用通行密钥登录',
  signInBySample: '用示例密钥登录（仅试用）',
  waiting: '请按提示用 PIN、指纹、面容或安全密钥确认…',
  cancel: '取消',
  loading: '正在打开…',
  how: '通行密钥只在本部门已登记的终端上有效。首次登录请打开管理员给的邀请链接。',
  refused: '没有完成：已取消、等待超时，或这里没有您的通行密钥。请重试；首次登录请先打开邀请链接。',
  elsewhere: '这把通行密钥在本网址不能使用。请核对浏览器地址栏中的网址，或请管理员重新邀请。',
  insecure:
    '此网址不是安全连接，浏览器不能使用通行密钥。请用 https 网址，或在本机用 http://localhost 打开。',
  address: '通行密钥属于域名，不能用于数字地址。请用系统的域名打开；在本机请用 http://localhost。',
  unsupported: '这个浏览器不支持通行密钥。请更新浏览器，或换用新版 Chrome、Edge、Safari、Firefox。',
  invitationTitle: '创建通行密钥',
  invitationHow:
    '您将在本终端创建通行密钥，以后用它登录本部门的各个终端。请只在您本人在场时创建，不要替他人创建。',
  create: '创建通行密钥',
  createSample: '改用示例密钥（仅试用）',
  made: '通行密钥已创建。',
  toWindow: '去窗口登录',
  toAdmin: '去管理页登录',
  noTerminal: '这台设备还不是终端，不能创建通行密钥。请先打开窗口页面登记本终端，再打开邀请链接。',
  openWindow: '打开窗口页面',
  nothing: '这里没有等待的登录。请从窗口页面开始。',
  failed: '登录没有完成，请从窗口页面重新开始。',
  signInThere: '用统一身份账号登录',
  signInByPasskey: '管理员：用通行密钥登录',
  arriving: '正在确认您的登录…',
  there: '统一身份',
  howThere: '您将在统一身份服务登录，然后回到本终端。首次登录请打开管理员给的邀请链接。',
  accountTitle: '首次登录',
  accountHow:
    '您将在统一身份服务登录一次，该账号就与本次邀请绑定，以后用它登录本部门的各个终端。请只用您本人的账号。',
  bindThere: '登录并绑定账号',
  createByAdministrator: '管理员：创建通行密钥',
};

export const en: typeof zh = {
  title: 'Staff sign-in',
  department: 'Department',
  window: 'Window',
  terminal: 'Terminal',
  signIn: 'Sign in with a passkey',
  signInBySample: 'Sign in with the sample key (trial only)',
  waiting: 'Confirm as the browser asks: PIN, fingerprint, face or security key…',
  cancel: 'Cancel',
  loading: 'Opening…',
  how: 'A passkey works at enrolled terminals of your department. For the first time, open the invitation link of your administrator.',
  refused:
    'Not done: it was cancelled, took too long, or your passkey is not here. Try again; for the first time, open your invitation link.',
  elsewhere:
    'This passkey does not work at this address. Compare the address in the browser, or ask an administrator to invite you again.',
  insecure:
    'This address is not secure, and the browser uses no passkeys for it. Open it by https, or on this machine by http://localhost.',
  address:
    'A passkey belongs to a name, and not to an address of digits. Open the system by its name; on this machine by http://localhost.',
  unsupported:
    'This browser knows no passkeys. Update it, or use a current Chrome, Edge, Safari or Firefox.',
  invitationTitle: 'Make a passkey',
  invitationHow:
    'You make a passkey at this terminal, and sign in with it at all terminals of your department. Make it only for yourself.',
  create: 'Make a passkey',
  createSample: 'Take a sample key (trial only)',
  made: 'Your passkey is made.',
  toWindow: 'Sign in at the window',
  toAdmin: 'Sign in to administration',
  noTerminal:
    'This device is no terminal yet, and makes no passkeys. Open the window page and have it enrolled, then open the invitation link again.',
  openWindow: 'Open the window page',
  nothing: 'No sign-in waits here. Begin at the window page.',
  failed: 'The sign-in was not finished. Begin again at the window page.',
  signInThere: 'Sign in with your account',
  signInByPasskey: 'Administrators: sign in with a passkey',
  arriving: 'Confirming your sign-in…',
  there: 'Account at',
  howThere:
    'You sign in at the service of your account, and come back to this terminal. For the first time, open the invitation link of your administrator.',
  accountTitle: 'First sign-in',
  accountHow:
    'You sign in once at the service of your account. It is bound to this invitation then, and signs you in at all terminals of your department. Use your own account alone.',
  bindThere: 'Sign in and bind the account',
  createByAdministrator: 'Administrators: make a passkey',
};
