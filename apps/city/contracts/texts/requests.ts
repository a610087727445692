import type { CodeTexts } from './text.js';

/** Problems of any request: its JSON, its form, its caller and its limits. */
export const requestTexts: CodeTexts = {
  internal: [
    'The service failed; whether the request was carried out is not known.',
    '服务内部出错，无法确认请求是否已执行。',
    'report',
  ],
  event_out_of_order: [
    'An event cannot follow those before it in its stream.',
    '事件与其所在流中此前的事件不相衔接。',
    'report',
  ],
  unreachable: [
    'The program reached a branch that must not be reachable.',
    '程序进入了本应排除的分支。',
    'report',
  ],
  terminal_offer_absent: [
    'No browser offers itself as a terminal under this code, or the code has expired.',
    '没有终端使用此登记码，或登记码已过期。',
    'begin-again',
  ],
  terminal_offer_taken: [
    'Another browser came with this invitation.',
    '该邀请已被另一台设备使用。',
    'ask-administrator',
  ],
  terminal_offer_proved: [
    'The terminal signed for other details already.',
    '该终端已对其他登记信息签名。',
    'begin-again',
  ],
  terminal_offer_waiting: [
    'No administrator has said yet what the terminal is.',
    '管理员尚未填写该终端的登记信息。',
    'ask-administrator',
  ],
  terminal_offers_too_many: [
    'Too many browsers wait to become terminals.',
    '等待登记的终端过多。',
    'slow-down',
  ],
  event_streams_full: [
    'As many streams of events are open as may be.',
    '实时连接数已达上限。',
    'retry',
  ],
  event_stream_replaced: [
    'A newer stream of events of the same caller took the place of this one.',
    '同一调用方已建立新的实时连接，本连接已关闭。',
    'retry',
  ],
  event_stream_closed: [
    'The service ended the stream of events.',
    '服务已结束本实时连接。',
    'retry',
  ],
  page_absent: ['There is no such page.', '没有该页面。', 'correct-request'],
  pages_not_built: [
    'The pages were not built where this program was installed.',
    '本程序未构建页面文件。',
    'correct-settings',
  ],
  pages_not_recorded: [
    'The log has no record of such a set of pages.',
    '日志中没有这套页面的记录。',
    'retry',
  ],
  pages_unusable: [
    'The files of the pages cannot be recorded.',
    '页面文件无法登记入账。',
    'report',
  ],
  route_unknown: ['There is no such route.', '没有该接口。', 'correct-request'],
  method_not_allowed: [
    'This route does not support this method.',
    '该接口不支持此请求方法。',
    'correct-request',
  ],
  request_timeout: [
    'The request took too long to arrive.',
    '请求未在规定时间内传输完毕。',
    'retry',
  ],
  url_too_long: ['The URL is too long.', 'URL 过长。', 'correct-request'],
  headers_too_large: ['The headers are too large.', '请求头过大。', 'correct-request'],
  request_malformed: ['The request cannot be read.', '请求无法解析。', 'correct-request'],
  request_invalid: [
    'The request does not match the schema of this route.',
    '请求不符合该接口的数据格式。',
    'correct-request',
  ],
  body_too_large: [
    'The body exceeds the size limit of this route.',
    '请求体超过该接口允许的大小。',
    'correct-request',
  ],
  content_type_unsupported: [
    'This route does not accept this content type.',
    '该接口不支持此内容类型。',
    'correct-request',
  ],
  body_aborted: ['The request ended before its body did.', '请求体未传输完毕即中断。', 'retry'],
  body_unexpected: [
    'A request that only reads has no body.',
    '只读请求不得带请求体。',
    'correct-request',
  ],
  json_malformed: [
    'The text is not JSON in UTF-8.',
    '文本不是 UTF-8 编码的 JSON。',
    'correct-request',
  ],
  json_too_deep: ['The JSON is nested too deeply.', 'JSON 嵌套层数过多。', 'correct-request'],
  json_duplicate_member: [
    'An object has a duplicate member.',
    'JSON 对象含有重复的成员。',
    'correct-request',
  ],
  json_forbidden_member: [
    'An object has a member name that is not allowed.',
    'JSON 对象含有不允许的成员名。',
    'correct-request',
  ],
  json_too_many: [
    'The JSON has too many members or elements.',
    'JSON 的成员或元素数量超过上限。',
    'correct-request',
  ],
  json_nul: ['A string holds U+0000.', '字符串含有 U+0000。', 'correct-request'],
  json_number_inexact: [
    'A number cannot be represented exactly as written.',
    '数字无法按书写的值精确表示。',
    'correct-request',
  ],
  json_not_canonical: ['The value has no canonical form.', '该值没有规范形式。', 'correct-request'],
  idempotency_key_missing: [
    'The request needs an Idempotency-Key.',
    '请求缺少 Idempotency-Key。',
    'correct-request',
  ],
  idempotency_key_malformed: [
    'An Idempotency-Key has 16 to 128 visible ASCII characters.',
    'Idempotency-Key 应为 16 至 128 个可见 ASCII 字符。',
    'correct-request',
  ],
  idempotency_key_reused: [
    'This Idempotency-Key was used for a different request.',
    '该 Idempotency-Key 已用于另一请求。',
    'correct-request',
  ],
  address_rate_exceeded: [
    'Too many requests without credentials come from this address.',
    '来自该地址的未认证请求过多。',
    'slow-down',
  ],
  open_routes_busy: [
    'Too many requests without credentials are waiting.',
    '等待处理的未认证请求已达上限。',
    'retry',
  ],
  large_bodies_busy: [
    'Too many large request bodies are waiting.',
    '等待处理的大型请求体已达上限。',
    'retry',
  ],
  rate_exceeded: ['This client sends requests too often.', '该客户端请求过于频繁。', 'slow-down'],
  daily_holders_of_window: [
    'The window has reached its daily limit of distinct holders.',
    '该窗口今日查询的持证主体数已达上限。',
    'ask-administrator',
  ],
  daily_holders_of_department: [
    'The department has reached its daily limit of distinct holders.',
    '该部门今日查询的持证主体数已达上限。',
    'ask-administrator',
  ],
  questions_of_holder: [
    'The hourly limit of requests to this holder is reached.',
    '一小时内向该持证主体提出的申请已达上限。',
    'slow-down',
  ],
  cases_of_holder: [
    'The daily limit of cases opened online is reached. Windows open cases without this limit.',
    '今天在线申请的办件已达上限；可到窗口办理。',
    'slow-down',
  ],
  service_away: [
    'No process of the service that answers this route takes connections; the request was not sent.',
    '负责该接口的服务未运行，请求未送达。',
    'retry',
  ],
  answer_lost: [
    'The service stopped before it answered; whether the request was carried out is not known.',
    '服务在答复前中断，无法确认请求是否已执行。',
    'retry',
  ],
  caller_unknown: [
    'The caller is not authenticated, or this route is for other kinds of callers.',
    '调用方未通过认证，或该接口不面向此类调用方。',
    'authenticate',
  ],
  token_missing: ['The request carries no access token.', '请求未携带访问令牌。', 'authenticate'],
  token_scheme_wrong: [
    'Clients send access tokens as `DPoP <token>`; phones send a proof alone.',
    '客户端应以 `DPoP <令牌>` 方式发送访问令牌，手机只发送证明。',
    'authenticate',
  ],
  token_malformed: ['The token is malformed.', '令牌格式不正确。', 'authenticate'],
  token_signature_wrong: [
    'The access token is not signed by a key of its issuer.',
    '访问令牌的签名不是签发方密钥所签。',
    'authenticate',
  ],
  token_issuer_wrong: [
    'The token is from another issuer.',
    '令牌由其他签发方签发。',
    'authenticate',
  ],
  token_audience_wrong: [
    'The token is for another audience.',
    '令牌的受众不是本服务。',
    'authenticate',
  ],
  token_expired: ['The token has expired.', '令牌已过期。', 'authenticate'],
  token_not_yet_valid: ['The token is not valid yet.', '令牌尚未生效。', 'authenticate'],
  token_lives_too_long: [
    'The lifetime of the token is longer than allowed.',
    '令牌有效期过长。',
    'authenticate',
  ],
  token_unbound: [
    'The access token is not bound to a key.',
    '访问令牌未绑定密钥。',
    'authenticate',
  ],
  proof_missing: ['The request carries no DPoP proof.', '请求未携带 DPoP 证明。', 'authenticate'],
  proof_malformed: ['The proof is malformed.', '证明格式不正确。', 'authenticate'],
  proof_signature_wrong: [
    'The DPoP proof is not signed by its key.',
    'DPoP 证明的签名与其密钥不符。',
    'authenticate',
  ],
  proof_key_wrong: [
    'The access token is bound to another key than the proof’s.',
    '访问令牌绑定的密钥与证明的密钥不一致。',
    'authenticate',
  ],
  proof_method_wrong: [
    'The DPoP proof is for another method.',
    'DPoP 证明针对其他请求方法。',
    'authenticate',
  ],
  proof_url_wrong: [
    'The DPoP proof is for another URL.',
    'DPoP 证明针对其他 URL。',
    'authenticate',
  ],
  proof_stale: [
    'The time of the DPoP proof is outside the allowed range.',
    'DPoP 证明的生成时间不在允许范围内。',
    'authenticate',
  ],
  proof_token_wrong: [
    'The DPoP proof is for another access token.',
    'DPoP 证明针对其他访问令牌。',
    'authenticate',
  ],
  proof_body_wrong: [
    'The DPoP proof is for another body.',
    'DPoP 证明针对其他请求体。',
    'authenticate',
  ],
  proof_replayed: ['The DPoP proof was used before.', 'DPoP 证明已被使用过。', 'authenticate'],
  client_unknown: ['No such client is registered.', '没有登记该客户端。', 'ask-administrator'],
  client_disabled: ['The client is disabled.', '该客户端已停用。', 'ask-administrator'],
  client_key_unknown: [
    'The key is not one that the client uses now.',
    '该密钥不是客户端当前使用的密钥。',
    'ask-administrator',
  ],
  phone_unknown: ['This phone key is not enrolled.', '该手机密钥未登记。', 'begin-again'],
  scope_missing: [
    'The client lacks the scope that this route needs.',
    '该客户端缺少该接口所需的权限范围。',
    'ask-administrator',
  ],
  route_closed: [
    'The route is closed: it does not declare which callers it is for.',
    '该接口未声明适用的调用方，不予开放。',
    'report',
  ],
  route_without_access: [
    'A route does not declare which callers it is for.',
    '有接口未声明适用的调用方。',
    'report',
  ],
  issuer_unreachable: [
    'The keys of the token issuer cannot be fetched.',
    '无法从访问令牌签发方获取密钥。',
    'retry',
  ],
  issuer_keeps_nothing: [
    'The issuer stores no artifacts of this kind.',
    '签发方不保存此类数据。',
    'report',
  ],
  signing_keys_invalid: [
    'The key file is not a set of private Ed25519 JWKs.',
    '密钥文件不是 Ed25519 私钥 JWK 集合。',
    'correct-settings',
  ],
  client_scope_not_of_kind: [
    'A client of this kind may not have this scope.',
    '此类客户端不得具有该权限范围。',
    'correct-request',
  ],
  client_window_missing: [
    'A client of this kind must name its window.',
    '此类客户端须写明所在窗口。',
    'correct-request',
  ],
  client_authority_missing: [
    'An issuing authority must name its credit code and its certificate types.',
    '颁发机构须写明统一社会信用代码和证照种类。',
    'correct-request',
  ],
  client_authority_unexpected: [
    'Only an issuing authority may name certificate types that it issues.',
    '只有颁发机构可以写明所颁发的证照种类。',
    'correct-request',
  ],
  client_authority_code_wrong: [
    'The unified social credit code has a wrong check character.',
    '统一社会信用代码校验码不正确。',
    'correct-request',
  ],
  client_authority_types_missing: [
    'An issuing authority must name at least one certificate type.',
    '颁发机构须至少写明一种证照。',
    'correct-request',
  ],
  client_authority_type_unknown: [
    'The catalogue has no such certificate type.',
    '目录中没有该证照种类。',
    'correct-request',
  ],
  client_authority_types_too_many: [
    'An issuing authority names too many certificate types.',
    '颁发机构的证照种类超过上限。',
    'correct-request',
  ],
  client_keys_missing: [
    'A client must register at least one public key.',
    '客户端须至少登记一个公钥。',
    'correct-request',
  ],
  client_key_twice: [
    'The request has the same key twice.',
    '请求中有重复的密钥。',
    'correct-request',
  ],
  client_exists: ['A client with this id is registered.', '该编号的客户端已登记。', 'look-again'],
  client_key_retired: [
    'A retired key cannot be used again.',
    '已停用的密钥不得再次启用。',
    'correct-request',
  ],
  client_key_taken: [
    'The key is, or was, that of another client.',
    '该密钥属于或曾属于另一客户端。',
    'correct-request',
  ],
  authority_code_taken: [
    'Another client is registered with this credit code.',
    '该统一社会信用代码已由另一客户端登记。',
    'look-again',
  ],
  client_is_own: ['A client cannot disable itself.', '客户端不得停用自身。', 'other-caller'],
  client_admitted_by_city: [
    'This administrator was admitted by a key file on the machine of the ledger: no other client can disable it or give it a key.',
    '该管理员由账本服务器上的密钥文件准入，其他客户端不得停用或更换其密钥。',
    'correct-settings',
  ],
  client_key_not_current: [
    'The client was disabled or given another key after the request was accepted.',
    '请求受理后，该客户端已被停用或已更换密钥。',
    'authenticate',
  ],
  client_key_unapproved: [
    'The new key of an authority must be signed by its old key or approved by a second administrator.',
    '颁发机构的新密钥须由旧密钥签名，或由另一名管理员批准。',
    'second-administrator',
  ],
  client_key_approver_unfit: [
    'The approving key is not in use.',
    '用于批准的密钥未在使用。',
    'second-administrator',
  ],
  client_key_approvers_not_independent: [
    'The two administrators are not independent: one registered the other, or gave it a key.',
    '两名管理员并非相互独立：其中一名为另一名登记过密钥。',
    'second-administrator',
  ],
  key_malformed: ['The key is malformed.', '密钥格式不正确。', 'correct-request'],
  key_not_public: [
    'A key must be sent without its private part.',
    '提交的密钥不得含私钥部分。',
    'correct-request',
  ],
  key_kind_unknown: [
    'A key must be Ed25519 or P-256 and must not name another algorithm.',
    '密钥应为 Ed25519 或 P-256，且不得标注其他算法。',
    'correct-request',
  ],
  key_weak: [
    'The key is a point of small order, or not in its canonical encoding.',
    '密钥为小阶点，或编码不规范。',
    'correct-request',
  ],
  key_use: [
    'The key allows other uses than verifying signatures.',
    '密钥允许验证签名以外的用途。',
    'correct-request',
  ],
  key_member_unknown: [
    'The key has a member that is not defined for public keys of its kind.',
    '密钥含有此类公钥不应有的成员。',
    'correct-request',
  ],
  jws_malformed: [
    'The text is not a compact JWS, or is too long.',
    '文本不是紧凑格式的 JWS，或过长。',
    'correct-request',
  ],
  jws_header_forbidden: [
    'The header of the JWS has a member that is not allowed.',
    'JWS 头部含有不允许的成员。',
    'correct-request',
  ],
  jws_type_wrong: ['The JWS has the wrong `typ`.', 'JWS 的 `typ` 不符。', 'correct-request'],
  jws_algorithm_refused: [
    'The signature algorithm of the JWS is not accepted here.',
    '此处不接受该 JWS 的签名算法。',
    'correct-request',
  ],
  jws_key_unknown: [
    'No accepted key is known for this JWS.',
    '没有可用于验证该 JWS 的密钥。',
    'correct-request',
  ],
  jws_signature_wrong: [
    'The signature of the JWS is wrong.',
    'JWS 签名不正确。',
    'correct-request',
  ],
  jws_payload_malformed: [
    'The payload of the JWS is malformed.',
    'JWS 载荷格式不正确。',
    'correct-request',
  ],
  key_proof_signature_wrong: [
    'The new key did not sign this statement.',
    '该声明不是由新密钥签名。',
    'correct-request',
  ],
  key_proof_of_other_client: [
    'The statement is about another client, key or city, or has other members.',
    '该声明针对其他客户端、密钥或城市，或成员不符。',
    'correct-request',
  ],
  key_proof_out_of_time: [
    'The statement is more than 30 days old, or dated in the future.',
    '该声明已超过 30 天，或日期晚于当前。',
    'correct-request',
  ],
};
