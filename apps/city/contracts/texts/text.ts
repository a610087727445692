/** What a caller can do about a problem, in the form that programs switch on. */
export const actions = {
  'correct-request': [
    'Correct the request and send it under a new Idempotency-Key; unchanged, it is refused again.',
    '请改正请求，并使用新的 Idempotency-Key 发送；原样重发仍会被拒绝。',
  ],
  'correct-data': [
    'Correct the data at their source and submit them again.',
    '请在来源系统中改正数据后重新提交。',
  ],
  retry: [
    'Send the same request again after the seconds of Retry-After, under the same Idempotency-Key.',
    '请在 Retry-After 所示秒数后，使用相同的 Idempotency-Key 重发同一请求。',
  ],
  'slow-down': [
    'Wait the seconds of Retry-After, and send fewer requests.',
    '请等待 Retry-After 所示秒数，并降低请求频率。',
  ],
  authenticate: [
    'Get an access token, make a DPoP proof for this request, and send it again.',
    '请重新获取访问令牌，并为本次请求生成新的 DPoP 证明后重发。',
  ],
  'ask-administrator': [
    'Ask an administrator of the city to register or to allow it.',
    '请联系本市系统管理员办理登记或授权。',
  ],
  'other-caller': [
    'Send it from the client, the terminal or the person that it belongs to.',
    '请由该事项所属的客户端、终端或本人办理。',
  ],
  'second-administrator': [
    'Have it approved by a second administrator whose keys are independent of the first one’s.',
    '请由密钥相互独立的另一名管理员批准。',
  ],
  'look-again': ['Read the current state and decide again.', '请查询当前状态后重新决定。'],
  'begin-again': ['Start the procedure again.', '请重新办理该流程。'],
  'ask-holder': ['Ask the holder for a new consent.', '请重新向持证主体申请授权。'],
  'bring-paper': [
    'Ask the applicant for the paper: no certificate can replace this material.',
    '该材料无法以电子证照代替，请当事人提交纸质材料。',
  ],
  'do-not-trust': [
    'Do not rely on it. Get the original again from where it was published; if the result is the same, report it.',
    '请勿采信。请从发布处重新获取原件；结果仍相同的，请报告。',
  ],
  'correct-settings': [
    'The operator corrects the setting, file or right, and starts the program again (docs/operations/start.md).',
    '请运维人员改正相应的设置、文件或权限后重新启动（见 docs/operations/start.md）。',
  ],
  'mend-ledger': [
    'The operator must find out what changed before the city continues (mianzheng verify ledger, docs/operations/alarms.md).',
    '请运维人员查明变化原因后再恢复运行（mianzheng verify ledger，见 docs/operations/alarms.md）。',
  ],
  upgrade: [
    'Use the release that wrote it, or finish the upgrade of every process.',
    '请使用写入该数据的版本，或完成所有进程的升级。',
  ],
  report: [
    'Quote the request id when you ask for support; the same request may be sent again under the same Idempotency-Key.',
    '如需协助，请提供请求编号；可使用相同的 Idempotency-Key 重发同一请求。',
  ],
  'correct-command': [
    'Correct the option or the file of the command, and run it again.',
    '请改正命令的选项或文件后重新执行。',
  ],
  nothing: ['Nothing to do: the requested state already holds.', '无需处理：已处于所请求的状态。'],
} as const satisfies Readonly<Record<string, readonly [en: string, zh: string]>>;

export type Action = keyof typeof actions;

/** Of a problem code: what happened, in English and in Chinese, and what the caller can do. */
export type CodeText = readonly [en: string, zh: string, action: Action];
export type CodeTexts = Readonly<Record<string, CodeText>>;
