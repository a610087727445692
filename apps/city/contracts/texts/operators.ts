import type { CodeTexts } from './text.js';

/** Problems of operators: invitations, passkeys and sign-in. */
export const operatorTexts: CodeTexts = {
  operator_exists: [
    'An operator of this id is there already.',
    '该编号的工作人员已存在。',
    'look-again',
  ],
  operator_unknown: ['There is no such operator.', '没有该工作人员。', 'correct-request'],
  operator_not_enabled: [
    'The operator is disabled. Enable the operator first.',
    '该工作人员已停用，请先启用。',
    'look-again',
  ],
  operator_roles_missing: [
    'An operator has at least one role.',
    '工作人员至少须有一个角色。',
    'correct-request',
  ],
  operator_is_own: [
    'Nobody changes the own roles or standing; another administrator does.',
    '不能变更本人的角色或状态，请由其他管理员办理。',
    'other-caller',
  ],
  operator_of_other_department: [
    'The operator belongs to another department than this terminal.',
    '该工作人员不属于本终端所在部门。',
    'other-caller',
  ],
  operator_invitation_unusable: [
    'The invitation was used, replaced, or has expired. Ask an administrator for a new one.',
    '邀请已使用、已更换或已过期，请向管理员索取新的邀请。',
    'ask-administrator',
  ],
  operator_signed_out: [
    'The sign-in has ended: the operator was disabled, or has another passkey or account now.',
    '登录已结束：该工作人员已停用，或已更换通行密钥或账号。',
    'authenticate',
  ],
  operator_missing: [
    'Nobody is signed in at this terminal. Sign in first.',
    '本终端尚未登录工作人员，请先登录。',
    'other-caller',
  ],
  client_sign_in_not_of_kind: [
    'Operators sign in at terminals, and at no other client.',
    '工作人员只能在终端登录，不能在其他客户端登录。',
    'correct-request',
  ],
  rp_id_changed: [
    'Passkeys were made for another RP ID than the one that is set now.',
    '现有通行密钥所属的 RP ID 与当前设置不一致。',
    'correct-settings',
  ],
  sign_in_expired: [
    'The sign-in has expired or was finished, or it began in another browser. Begin again.',
    '登录已过期、已完成，或是在其他浏览器中开始的，请重新登录。',
    'begin-again',
  ],
  sign_in_from_elsewhere: [
    'The request does not come from a page of this city.',
    '该请求并非来自本系统的页面。',
    'correct-request',
  ],
  sign_in_foreign: [
    'This is not the answer to the sign-in that this browser began. Sign in again.',
    '这不是本浏览器发起的登录所得到的结果，请重新登录。',
    'begin-again',
  ],
  sign_in_over: ['The sign-in is over. Sign in again.', '登录已结束，请重新登录。', 'begin-again'],
  sign_in_malformed: [
    'The sign-in request is not JSON with a credential.',
    '登录请求不是包含凭据的 JSON。',
    'correct-request',
  ],
  sign_in_incomplete: [
    'The issuer lacks a key, a client or an account that its configuration makes sure of.',
    '签发服务缺少配置所保证的密钥、客户端或账户。',
    'report',
  ],
  operator_account_taken: [
    'Another operator signs in with this account.',
    '该账号已由另一名工作人员使用。',
    'ask-administrator',
  ],
  operator_administers_by_passkey: [
    'An administrator signs in with a passkey, and with no account elsewhere.',
    '管理员须用通行密钥登录，不能使用外部账号。',
    'correct-request',
  ],
  operator_signs_in_at_issuer: [
    'Operators of this city sign in with their accounts; a passkey is for administrators alone.',
    '本市工作人员用统一身份账号登录，通行密钥仅供管理员使用。请用账号登录；尚未绑定账号的，请管理员重新邀请。',
    'ask-administrator',
  ],
  operators_issuer_unreachable: [
    'The service at which operators sign in does not answer, or is not set up for this city. Try again soon; an administrator can sign in with a passkey.',
    '工作人员统一身份服务暂时无法使用。请稍后重试；管理员可用通行密钥登录。',
    'retry',
  ],
  account_answer_foreign: [
    'This is not the answer to the sign-in that this browser began, or it came twice. Begin again.',
    '这不是本浏览器发起的登录所得到的结果，或已被使用。请重新登录。',
    'begin-again',
  ],
  account_answer_malformed: [
    'The sign-in request is not what the page sends.',
    '登录请求的格式不正确。',
    'correct-request',
  ],
  account_not_confirmed: [
    'The sign-in with your account was not confirmed: it was cancelled, refused, or took too long.',
    '账号登录未完成：已取消、被拒绝或等待超时。请重试。',
    'begin-again',
  ],
  account_token_not_verified: [
    'What the account’s service answered is not signed as it must be.',
    '统一身份服务的答复未通过签名验证。请联系管理员。',
    'report',
  ],
  account_token_foreign: [
    'What the account’s service answered is of another service, or for another system.',
    '统一身份服务的答复来自其他服务，或不是给本系统的。请联系管理员。',
    'report',
  ],
  account_token_expired: [
    'What the account’s service answered is expired. Try again; if it comes again, its clock is wrong.',
    '统一身份服务的答复已过期。请重试；再次出现时，请管理员核对时钟。',
    'begin-again',
  ],
  account_token_replayed: [
    'What the account’s service answered belongs to another sign-in. Begin again.',
    '统一身份服务的答复属于另一次登录。请重新登录。',
    'begin-again',
  ],
  account_sign_in_old: [
    'The account’s service did not ask you to sign in now. Sign out there, and begin again.',
    '统一身份服务没有要求您本次重新登录。请先在那里退出，再重新登录。',
    'begin-again',
  ],
  account_method_weak: [
    'You did not sign in there as this city asks for, for example with a second factor.',
    '您在统一身份服务的登录方式不符合本市要求（例如缺少第二因素）。',
    'begin-again',
  ],
  account_unknown: [
    'No operator who may sign in here has this account. Open your invitation, or ask an administrator.',
    '没有可在此登录的工作人员使用该账号。首次登录请打开邀请链接，或联系管理员。',
    'ask-administrator',
  ],
  account_statement_refused: [
    'What the terminal handed in about the account is not taken, or is too late. Open the invitation again.',
    '终端提交的账号证明无效或已过期，请重新打开邀请链接。',
    'begin-again',
  ],
  passkey_needs_terminal: [
    'Passkeys are made and used at enrolled terminals only.',
    '通行密钥只能在已登记的终端上创建和使用。',
    'other-caller',
  ],
  passkey_malformed: [
    'What the browser sent is not a passkey’s answer.',
    '浏览器提交的通行密钥数据格式不正确。',
    'correct-request',
  ],
  passkey_algorithm_unsupported: [
    'The passkey’s algorithm is not supported; ES256, EdDSA and RS256 (2048 bits) are.',
    '不支持该通行密钥的算法，仅支持 ES256、EdDSA 和 2048 位以上的 RS256。',
    'correct-request',
  ],
  passkey_challenge_unusable: [
    'This attempt has expired or was used before. Try again.',
    '本次操作已过期或已使用，请重试。',
    'begin-again',
  ],
  passkey_not_verified: [
    'The passkey was not confirmed: PIN, fingerprint or face is needed, at this address.',
    '通行密钥未通过验证：须在本地址以 PIN、指纹或面容确认。',
    'begin-again',
  ],
  passkey_unknown: [
    'No operator who may sign in here has this passkey.',
    '没有可在此登录的工作人员使用该通行密钥。',
    'ask-administrator',
  ],
  passkey_sample_refused: [
    'The sample passkey works only in a trial, and only on the machine where it runs.',
    '示例密钥只能在试用系统所在的本机使用，请改用真正的通行密钥。',
    'begin-again',
  ],
  passkey_counter_behind: [
    'The passkey may have been copied. Ask an administrator to invite you again.',
    '该通行密钥可能已被复制，请联系管理员重新邀请。',
    'ask-administrator',
  ],
};
