import type { CodeTexts } from './text.js';

/** Problems of subjects, enrolments, cases, consents and releases. */
export const subjectTexts: CodeTexts = {
  identifier_kind_unknown: [
    'There is no such kind of number.',
    '没有该证件种类。',
    'correct-request',
  ],
  identifier_malformed: [
    'The number does not match the format of its kind.',
    '号码不符合该证件种类的格式。',
    'correct-request',
  ],
  identifier_check_failed: [
    'The check character of the number is wrong.',
    '号码的校验码不正确。',
    'correct-request',
  ],
  identifier_birth_impossible: [
    'The date of birth in the number is not possible.',
    '号码中的出生日期无效。',
    'correct-request',
  ],
  identifier_issuer_missing: [
    'A number of this kind needs its issuer, which is missing.',
    '该证件种类须写明签发国家或机关。',
    'correct-request',
  ],
  identifier_issuer_unknown: [
    'The issuer of the number is malformed or not known.',
    '号码的签发国家或机关格式不正确或未知。',
    'correct-request',
  ],
  identifier_issuer_unwanted: [
    'Numbers of this kind have no issuer to be named.',
    '该证件种类无需写明签发国家或机关。',
    'correct-request',
  ],
  subject_not_identified: [
    'This department has not checked the person’s identity within the last hour.',
    '本部门在过去一小时内未核验该人身份。',
    'begin-again',
  ],
  subject_erased: ['The subject was erased.', '该主体的数据已删除。', 'look-again'],
  subject_absent: ['There is no such subject.', '没有该主体。', 'look-again'],
  erasure_on_legal_hold: [
    'A legal hold prevents the erasure.',
    '该主体处于依法保全状态，不得删除。',
    'look-again',
  ],
  erasure_needs_second_administrator: [
    'The administrator that asked for an erasure cannot approve it.',
    '申请删除的管理员不得自行批准。',
    'second-administrator',
  ],
  erasure_administrators_not_independent: [
    'The two administrators are not independent: their keys go back to the same administrator.',
    '两名管理员并非相互独立：其密钥可追溯至同一名管理员。',
    'second-administrator',
  ],
  erasure_requester_changed: [
    'The client that asked for the erasure has since been disabled, or given a key by another client.',
    '提出删除申请的客户端此后已被停用，或由他人更换了密钥。',
    'begin-again',
  ],
  erasure_expired: [
    'The erasure was not approved in time.',
    '删除申请未在期限内获得批准。',
    'begin-again',
  ],
  erasure_withdrawn: ['The erasure was withdrawn.', '删除申请已撤回。', 'begin-again'],
  erasure_of_another_administrator: [
    'Only the administrator that asked for an erasure can withdraw it.',
    '只有提出删除申请的管理员可以撤回。',
    'other-caller',
  ],
  subject_erased_before: [
    'The subject has been erased already.',
    '该主体的数据此前已删除。',
    'nothing',
  ],
  erasure_under_way: ['The erasure has been approved already.', '删除已获批准。', 'nothing'],
  erasure_absent: ['There is no such erasure.', '没有该删除申请。', 'look-again'],
  legal_hold_absent: ['There is no such legal hold.', '没有该依法保全。', 'look-again'],
  whom_ambiguous: [
    'Name exactly one of identifier and subject.',
    '证件号码与主体编号须且只能写明一项。',
    'correct-request',
  ],
  subject_merge_with_itself: [
    'A subject cannot be merged with itself.',
    '主体不得与自身合并。',
    'correct-request',
  ],
  enrolment_code_refused: [
    'The code is wrong, was used, or has expired.',
    '登记码错误、已使用或已过期。',
    'begin-again',
  ],
  enrolment_not_offered: [
    'No phone has offered its key for this code yet.',
    '尚无手机使用该登记码提交密钥。',
    'look-again',
  ],
  enrolment_expired: [
    'The enrolment was not confirmed in time.',
    '登记未在期限内确认。',
    'begin-again',
  ],
  phone_key_proof_refused: [
    'The phone did not prove possession of the key for this code.',
    '手机未能证明其持有该登记码对应的密钥。',
    'begin-again',
  ],
  enrolment_statement_refused: [
    'The statement does not match this enrolment.',
    '声明与本次登记不符。',
    'correct-request',
  ],
  enrolment_absent: ['This terminal has no such enrolment.', '本终端没有该登记。', 'other-caller'],
  phone_key_taken: [
    'The key has been offered or enrolled before.',
    '该手机密钥已提交或已登记。',
    'begin-again',
  ],
  phone_key_absent: [
    'No such phone is enrolled for the subject.',
    '该主体没有登记此手机。',
    'look-again',
  ],
  case_absent: ['There is no such case.', '没有该办件。', 'look-again'],
  matter_absent: [
    'There is no such matter in the catalogue.',
    '目录中没有该事项。',
    'correct-request',
  ],
  material_absent: [
    'The matter of the case does not ask for this material.',
    '该办件的事项不要求此材料。',
    'correct-request',
  ],
  role_twice: [
    'Each role of a case can have only one participant.',
    '办件中每一角色只能有一名当事人。',
    'correct-request',
  ],
  participant_missing: [
    'A case must have at least one participant.',
    '办件须至少有一名当事人。',
    'correct-request',
  ],
  participant_ambiguous: [
    'Name exactly one of number and code for a participant.',
    '当事人的证件号码与二维码须且只能写明一项。',
    'correct-request',
  ],
  case_closed: ['The case is closed.', '该办件已办结。', 'look-again'],
  case_already_open: ['The case has been opened already.', '该办件此前已受理。', 'look-again'],
  case_of_another_window: [
    'The case belongs to another window.',
    '该办件属于其他窗口。',
    'other-caller',
  ],
  case_already_taken: [
    'Another window has taken this case.',
    '该办件已由其他窗口接办。',
    'look-again',
  ],
  case_not_taken: ['No window has taken this case yet.', '该办件尚未被窗口接办。', 'look-again'],
  case_not_online: [
    'This case was not opened online; it cannot go back to the board.',
    '该办件不是网上申请，不能退回待接办列表。',
    'look-again',
  ],
  case_request_under_way: [
    'A request of this case is still under way. Withdraw it first.',
    '该办件还有请求未结束，请先撤回请求。',
    'look-again',
  ],
  case_in_hand: [
    'Data or papers of this case are already at your window. Close it there.',
    '本窗口已取得该办件的信息或纸质材料，不能退回，请在本窗口办结。',
    'look-again',
  ],
  application_malformed: [
    'The signed content is not a valid application.',
    '所签内容不是有效的办件申请。',
    'correct-request',
  ],
  application_signature_refused: [
    'The application is not signed by the key of the phone that sent it.',
    '办件申请的签名不是由发送该请求的手机密钥所签。',
    'correct-request',
  ],
  application_stale: [
    'The time of the application is outside the allowed range. Check the clock of the phone.',
    '办件申请的签署时间不在允许范围内，请核对手机时间。',
    'begin-again',
  ],
  application_out_of_date: [
    'The matter has changed since it was shown. Open it again and apply again.',
    '事项信息已变更，请重新打开该事项后再申请。',
    'begin-again',
  ],
  application_of_other_kind: [
    'This matter cannot be applied for by this holder online: it is for organisations, or for persons. A window can open the case.',
    '该事项的申请对象与您不符（仅限法人或仅限个人），不能在线申请；可到窗口办理。',
    'other-caller',
  ],
  participants_too_many: [
    'A case at a kiosk is that of one person.',
    '自助终端的办件只能有一名当事人。',
    'correct-request',
  ],
  materials_missing: [
    'The matter has many materials: name those that the case is about.',
    '该事项材料较多，请指定本次办理的材料。',
    'correct-request',
  ],
  materials_of_matter: [
    'At a window a case is about all materials of its matter.',
    '窗口办件包含事项的全部材料，不能另行指定。',
    'correct-request',
  ],
  matter_not_self_service: [
    'A kiosk does self-service matters alone.',
    '该事项不能在自助终端办理。',
    'other-caller',
  ],
  matter_self_service: [
    'The matter is done at a kiosk, and at no window.',
    '该事项请在自助终端办理。',
    'other-caller',
  ],
  case_self_service: ['A kiosk takes no papers.', '自助终端办件不收纸质材料。', 'look-again'],
  window_required: ['Only a window can open cases.', '办件须在窗口受理。', 'other-caller'],
  participant_code_refused: ['The QR code is not valid now.', '二维码当前不可用。', 'begin-again'],
  consent_absent: ['There is no such consent.', '没有该授权。', 'look-again'],
  participant_absent: [
    'The case has no participant in this role.',
    '该办件没有此角色的当事人。',
    'correct-request',
  ],
  consent_already_waiting: [
    'The holder has already been asked for this, and has not answered yet.',
    '已向持证主体申请该授权，正在等待答复。',
    'look-again',
  ],
  consent_already_granted: [
    'The consent has been granted already.',
    '该授权此前已同意。',
    'look-again',
  ],
  consent_already_requested: [
    'This consent has been requested already.',
    '该授权此前已申请。',
    'look-again',
  ],
  material_already_brought: [
    'The paper has been recorded as brought already.',
    '该纸质材料已登记提交。',
    'nothing',
  ],
  material_already_answered: [
    'A release has already answered the material.',
    '该材料已通过用证提供。',
    'nothing',
  ],
  consent_not_granted: [
    'The holder has not granted the consent.',
    '持证主体尚未同意授权。',
    'look-again',
  ],
  consent_refused: ['The holder refused the consent.', '持证主体拒绝授权。', 'bring-paper'],
  consent_withdrawn: ['The holder withdrew the consent.', '持证主体已撤回授权。', 'ask-holder'],
  action_not_of_case: [
    'A kiosk prints what a self-service matter is about, and a window reads what its own matter asks for.',
    '自助终端只打印自助事项的内容，窗口只查看本事项所需的信息。',
    'correct-request',
  ],
  consent_for_other_action: [
    'The holder agreed to another use: to be read or to be printed.',
    '持证主体同意的用途（查看或打印）与本次不同。',
    'correct-request',
  ],
  proof_source_away: [
    'The issuing department’s system did not answer for now; no proof was made.',
    '开具部门的系统暂时没有回应，没有开出证明。',
    'retry',
  ],
  proof_source_missing: [
    'No department makes this proof for this city yet; no proof was made.',
    '本市尚未接入该证明的开具部门，没有开出证明。',
    'ask-administrator',
  ],
  proof_answer_refused: [
    'The issuing department’s system did not answer as it has to; no proof was made.',
    '开具部门系统的答复不符合要求，没有开出证明。',
    'report',
  ],
  proof_sources_wrong: [
    'The file of the departments’ systems cannot be used; no proof was made.',
    '证明开具部门的配置文件无法使用，没有开出证明。',
    'correct-settings',
  ],
  holder_number_unknown: [
    'No valid certificate has the holder’s number, and no document was read: the department cannot be asked.',
    '没有可用的证件号码，无法向开具部门查询；请使用身份证件或到窗口办理。',
    'begin-again',
  ],
  record_absent: [
    'The issuing department has no such record of you.',
    '没有查到您的这类记录。',
    'bring-paper',
  ],
  basis_not_supported: [
    'Data can only be asked for by consent of the holder so far.',
    '目前只支持以持证主体授权为依据调用证照信息。',
    'bring-paper',
  ],
  number_mismatched_twice: [
    'The number typed was wrong twice, and the request is closed.',
    '两次输入的数字均与窗口不一致，该授权申请已关闭。',
    'ask-holder',
  ],
  consent_ended: ['The consent has ended.', '该授权已终止。', 'ask-holder'],
  consent_expired: ['The consent has expired.', '该授权已过期。', 'ask-holder'],
  consent_spent: [
    'The consent has been used; a consent is single-use.',
    '该授权已使用；授权仅限使用一次。',
    'ask-holder',
  ],
  consent_not_redeemed: [
    'Nothing has been released under the consent yet.',
    '该授权尚未使用。',
    'look-again',
  ],
  consent_of_another_terminal: [
    'The consent was requested by another terminal, or under another of its keys.',
    '该授权由其他终端或该终端的其他密钥申请。',
    'other-caller',
  ],
  consent_of_another_case: [
    'The consent is for another case.',
    '该授权针对其他办件。',
    'ask-holder',
  ],
  material_not_exemptible: [
    'No rule lets a certificate of this participant replace this material.',
    '没有规则允许以该当事人的证照代替此材料。',
    'bring-paper',
  ],
  ask_beyond_rule: [
    'The request goes beyond the rule recorded in the case.',
    '申请的内容超出该事项规则的范围。',
    'correct-request',
  ],
  fields_beyond_consent: [
    'The request goes beyond what the holder granted.',
    '读取的内容超出持证主体的授权。',
    'ask-holder',
  ],
  nothing_to_release: [
    'No certificate answers any of the materials.',
    '没有可用的证照代替所需材料。',
    'bring-paper',
  ],
  release_withheld: [
    'The release was withheld: a fact on which it was decided has changed.',
    '用证依据已发生变化，未予提供。',
    'ask-holder',
  ],
  reading_again_over: [
    'The released data can no longer be read again.',
    '已提供的数据不能再次读取。',
    'ask-holder',
  ],
  grant_malformed: [
    'The signed content is not a valid grant.',
    '所签内容不是有效的授权同意。',
    'correct-request',
  ],
  grant_signature_refused: [
    'The grant is not signed by the key of the phone that sent it.',
    '授权同意的签名不是由发送该请求的手机密钥所签。',
    'correct-request',
  ],
  number_missing: [
    'The number that the window shows was not signed.',
    '未签署窗口显示的数字。',
    'correct-request',
  ],
  number_not_asked: [
    'The window shows no number for this consent.',
    '本次授权无需输入数字。',
    'correct-request',
  ],
  number_mismatched: [
    'The number is not the one that the window shows.',
    '输入的数字与窗口显示的不一致。',
    'begin-again',
  ],
  grant_passkey_unknown: [
    'The phone that sent the grant has no such passkey. Agree without the passkey.',
    '发送该请求的手机没有这把通行密钥，请不用通行密钥直接同意。',
    'correct-request',
  ],
  grant_from_elsewhere: [
    'The passkey was used on a page that is not one of this city.',
    '使用通行密钥的页面不是本系统的页面。',
    'begin-again',
  ],
  grant_user_not_verified: [
    'The passkey did not ask for PIN, fingerprint or face.',
    '通行密钥没有核验 PIN、指纹或面容。',
    'begin-again',
  ],
  grant_counter_behind: [
    'The passkey may have been copied. Agree without it, and take it back.',
    '该通行密钥可能已被复制，请不用它直接同意，并收回这把通行密钥。',
    'begin-again',
  ],
  holder_passkey_algorithm_unsupported: [
    'The passkey’s algorithm is not supported; ES256 and EdDSA are.',
    '不支持该通行密钥的算法，仅支持 ES256 和 EdDSA。',
    'correct-request',
  ],
  passkey_statement_refused: [
    'The key of the phone did not sign for this passkey.',
    '手机的密钥没有为这把通行密钥签名。',
    'begin-again',
  ],
  passkeys_too_many: [
    'The phone has as many passkeys as it may have. Take one back first.',
    '这部手机的通行密钥已达上限，请先收回一把。',
    'correct-request',
  ],
  passkey_absent: ['There is no such passkey.', '没有这把通行密钥。', 'look-again'],
  proof_not_supported: [
    'A consent can only be granted by an enrolled phone, by its key or passkey, so far.',
    '目前只支持以已登记手机的密钥或通行密钥签署授权。',
    'bring-paper',
  ],
  grant_stale: [
    'The time of the grant is outside the allowed range.',
    '授权同意的签署时间不在允许范围内。',
    'begin-again',
  ],
  grant_for_another_consent: [
    'The grant is for another consent.',
    '授权同意针对其他授权申请。',
    'correct-request',
  ],
  grant_for_another_text: [
    'The signed text is not the notice of this consent.',
    '所签文本不是本次授权的告知内容。',
    'begin-again',
  ],
  capacity_not_supported: [
    'Only holders themselves can grant a consent.',
    '目前只支持持证主体本人授权。',
    'other-caller',
  ],
  mandate_not_supported: [
    'The caller acts for another person; mandates are not supported yet.',
    '操作者不是本人，目前不支持代办。',
    'other-caller',
  ],
  token_signature_refused: [
    'The consent token is not signed by the ledger.',
    '授权令牌不是由本账本签名。',
    'correct-request',
  ],
  token_of_another_client: [
    'The consent token was issued to another terminal.',
    '授权令牌是签发给其他终端的。',
    'other-caller',
  ],
  token_of_another_key: [
    'The consent token is bound to another key.',
    '授权令牌绑定的是其他密钥。',
    'other-caller',
  ],
  token_for_another_release: [
    'The consent token does not match what was granted.',
    '授权令牌与所同意的内容不符。',
    'ask-holder',
  ],
  match_not_opened: [
    'The number of a request cannot be formed again with the keys of this process.',
    '以本进程的密钥无法还原授权申请所用的数字。',
    'correct-settings',
  ],
  book_without_request: [
    'A book has records of a consent that was never requested.',
    '用证记录簿中有未经申请的授权。',
    'mend-ledger',
  ],
  holder_has_none: ['The holder has no such certificate.', '持证主体没有该证照。', 'bring-paper'],
  fields_absent: ['The certificate lacks required fields.', '证照缺少所需字段。', 'bring-paper'],
  certificate_expired: ['The certificate has expired.', '证照已过有效期。', 'bring-paper'],
  certificate_not_yet_valid: ['The certificate is not valid yet.', '证照尚未生效。', 'bring-paper'],
  reading_already_answered: [
    'The data were already released under this Idempotency-Key; replies are not stored.',
    '使用该 Idempotency-Key 的读取请求已答复，答复内容不留存。',
    'look-again',
  ],
  disclosure_unexpected: [
    'A disclosure is not of a requested field; nothing was released.',
    '披露内容不是所申请的字段，未予提供。',
    'report',
  ],
  statement_absent: [
    'No release in this case has answered a material.',
    '该办件中没有可出具免提交证明的用证。',
    'look-again',
  ],
};
