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
    'The sign-in has ended: the operator was disabled, or has another passkey now.',
    '登录已结束：该工作人员已停用，或已更换通行密钥。',
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
