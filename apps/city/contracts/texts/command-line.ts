import type { CodeTexts } from './text.js';

/** Problems of the command line and of the client that it uses. */
export const commandLineTexts: CodeTexts = {
  contract_incomplete: [
    'A contract cannot be generated from the sources.',
    '无法由源代码生成契约文件。',
    'correct-command',
  ],
  key_unusable: [
    'The key is not a private JWK of Ed25519 or P-256.',
    '密钥不是 Ed25519 或 P-256 的私钥 JWK。',
    'correct-command',
  ],
  token_not_given: [
    'The identity service issued no token.',
    '身份服务未签发令牌。',
    'ask-administrator',
  ],
  token_unavailable: [
    'The identity service cannot issue tokens at the moment.',
    '身份服务暂时无法签发令牌。',
    'retry',
  ],
  city_unknown: ['The city does not publish its log.', '该城市未公布其日志。', 'retry'],
  city_elsewhere: [
    'The city sends its visitors on to another origin.',
    '该城市把访问者转到了其他网址。',
    'correct-command',
  ],
  pages_answer_wrong: [
    'The city does not answer with a record of its pages.',
    '该城市没有给出页面的登记记录。',
    'look-again',
  ],
  city_refused: ['The city refused the request.', '城市服务拒绝了请求。', 'look-again'],
  city_not_trial: [
    'Synthetic data can be put into a trial city only.',
    '虚构数据只能写入试运行城市，该城市不是试运行城市。',
    'correct-command',
  ],
  trial_not_on_loopback: [
    'A trial hall opens at an address of its own machine only.',
    '试运行大厅只能以本机地址打开。',
    'correct-command',
  ],
  trial_of_other_ledger: [
    'The trial hall was made in another ledger.',
    '试运行大厅属于另一个账本。',
    'correct-command',
  ],
  records_unusable: [
    'The records of the trial’s source of e-proofs cannot be used.',
    '试运行证明数据源的记录无法使用。',
    'correct-command',
  ],
  request_reused: [
    'The request was answered for something else before.',
    '该请求编号已用于其他查询。',
    'correct-request',
  ],
  trial_state_unusable: [
    'What the trial hall keeps cannot be used.',
    '试运行大厅保存的状态无法使用。',
    'correct-command',
  ],
  city_unreachable: ['The city does not answer.', '城市服务没有应答。', 'retry'],
  file_unreadable: ['A file cannot be read.', '文件无法读取。', 'correct-command'],
  file_not_text: ['The file is not a text file.', '文件不是文本文件。', 'correct-command'],
  file_of_other_kind: ['The file is of another kind.', '文件种类不符。', 'correct-command'],
  hash_malformed: [
    'A hash has 64 hexadecimal digits.',
    '哈希应为 64 个十六进制数字。',
    'correct-command',
  ],
  book_malformed: [
    'The file is not the JSON of a book.',
    '文件不是用证记录簿的 JSON。',
    'correct-command',
  ],
  release_file_malformed: [
    'The file is not the JSON of a release.',
    '文件不是用证答复的 JSON。',
    'correct-command',
  ],
  receipt_pending: [
    'The reply was made before its receipt was ready.',
    '答复中尚无存证回执。',
    'retry',
  ],
  statement_file_malformed: [
    'The file is not the JSON of a statement.',
    '文件不是免提交证明的 JSON。',
    'correct-command',
  ],
  url_wrong: ['The URL is not that of a city.', 'URL 不是城市服务的地址。', 'correct-command'],
  certificate_unnamed: ['No certificate is given.', '没有写明证照。', 'correct-command'],
  certificate_ambiguous: [
    'More than one certificate matches.',
    '有多份证照符合。',
    'correct-command',
  ],
  credit_code_wrong: [
    'The unified social credit code is wrong.',
    '统一社会信用代码不正确。',
    'correct-command',
  ],
  option_wrong: ['An option has a wrong value.', '选项的值不正确。', 'correct-command'],
  key_file_absent: ['The key file does not exist.', '密钥文件不存在。', 'correct-command'],
  options_missing: ['An option is missing.', '缺少选项。', 'correct-command'],
  options_clash: ['Options exclude each other.', '选项互相冲突。', 'correct-command'],
  file_not_made: ['A file cannot be created.', '文件无法创建。', 'correct-command'],
  receipt_without_approval: [
    'A receipt is asked for without an approval.',
    '未批准即要求回执。',
    'correct-command',
  ],
  erasure_refused: ['The city refused the erasure.', '城市服务拒绝了删除。', 'look-again'],
  import_refused: ['The city refused the import.', '城市服务拒绝了导入。', 'look-again'],
  number_wrong: ['An option has a wrong number.', '选项中的数字不正确。', 'correct-command'],
  key_file_exists: [
    'The key file exists and was not changed.',
    '密钥文件已存在，未作改动。',
    'correct-command',
  ],
  log_key_absent: ['The key of the log does not exist.', '日志密钥不存在。', 'correct-command'],
  projection_unknown: ['There is no such read model.', '没有该读模型。', 'correct-command'],
  policy_missing: [
    'The policy of the log cannot be read.',
    '日志策略无法读取。',
    'correct-command',
  ],
  own_keys_malformed: [
    'The file does not hold thumbprints of keys.',
    '文件中没有公钥指纹。',
    'correct-command',
  ],
  own_list_malformed: [
    'The file is neither the results of an import nor a list of certificate ids.',
    '文件既不是导入结果，也不是证照编号清单。',
    'correct-command',
  ],
  own_list_absent: ['No file matches the pattern.', '没有匹配的文件。', 'correct-command'],
  state_malformed: [
    'The file is not the state of a watch.',
    '文件不是监测状态文件。',
    'correct-command',
  ],
  state_of_other_watch: [
    'The file is the state of a watch for another authority.',
    '文件属于对其他颁发机构的监测。',
    'correct-command',
  ],
};
