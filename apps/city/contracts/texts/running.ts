import type { CodeTexts } from './text.js';

/**
 * Problems of running a city: settings, database, event store, keys, backups, and events of other
 * programs.
 */
export const runningTexts: CodeTexts = {
  setting_invalid: [
    'The value of a setting cannot be used.',
    '设置项的值不可用。',
    'correct-settings',
  ],
  setting_missing: ['A setting is missing.', '缺少必要的设置项。', 'correct-settings'],
  port_taken: [
    'Another program listens on the port.',
    '端口已被其他程序占用。',
    'correct-settings',
  ],
  port_not_allowed: [
    'The user may not listen on the port.',
    '当前用户无权监听该端口。',
    'correct-settings',
  ],
  address_not_here: [
    'The address does not belong to this machine.',
    '该地址不属于本机。',
    'correct-settings',
  ],
  metrics_not_served: [
    'The address of the metrics cannot be listened on.',
    '无法监听指标地址。',
    'correct-settings',
  ],
  disk_full: ['The disk has too little free space.', '磁盘空间不足。', 'correct-settings'],
  database_in_use: [
    'Another program runs on the data directory.',
    '数据目录正由其他程序使用。',
    'correct-settings',
  ],
  database_port_taken: [
    'The port of the database is taken.',
    '数据库端口已被占用。',
    'correct-settings',
  ],
  database_version: [
    'The data are of another version of PostgreSQL.',
    '数据属于其他版本的 PostgreSQL。',
    'correct-settings',
  ],
  database_password_lost: [
    'The password file of the database is missing, or PostgreSQL refuses the password.',
    '数据库口令文件缺失或口令不被接受。',
    'correct-settings',
  ],
  database_user_missing: [
    'PostgreSQL cannot run as root, and there is no other user for it.',
    'PostgreSQL 不能以 root 运行，且没有可用的系统用户。',
    'correct-settings',
  ],
  database_not_started: ['PostgreSQL did not start.', 'PostgreSQL 未能启动。', 'correct-settings'],
  database_unreachable: [
    'PostgreSQL does not answer.',
    'PostgreSQL 没有应答。',
    'correct-settings',
  ],
  database_login_refused: [
    'PostgreSQL refuses the login of the user.',
    'PostgreSQL 拒绝该用户登录。',
    'correct-settings',
  ],
  database_missing: [
    'PostgreSQL has no such database.',
    'PostgreSQL 中没有该数据库。',
    'correct-settings',
  ],
  database_not_owned: [
    'The user may not create tables in the database.',
    '该用户无权在数据库中建表。',
    'correct-settings',
  ],
  database_read_only: ['The database is read-only.', '数据库不接受写入。', 'correct-settings'],
  database_version_unsupported: [
    'This release does not support this version of PostgreSQL.',
    '本版本不支持该 PostgreSQL 版本。',
    'correct-settings',
  ],
  database_encoding_wrong: [
    'The database is not in UTF-8.',
    '数据库编码不是 UTF-8。',
    'correct-settings',
  ],
  database_too_old: [
    'The tables of the database have an earlier format.',
    '数据库表属于更早的格式。',
    'upgrade',
  ],
  schema_newer: [
    'A later release has changed the tables of the database.',
    '数据库表已由更新的版本修改。',
    'upgrade',
  ],
  restore_unfinished: [
    'A restore into the database was not finished.',
    '数据库的备份恢复未完成。',
    'correct-settings',
  ],
  migration_failed: ['A migration of the database failed.', '数据库迁移失败。', 'mend-ledger'],
  database_unavailable: ['The database is not reachable.', '数据库暂不可用。', 'retry'],
  connection_lost: ['The connection to the database was lost.', '数据库连接中断。', 'retry'],
  key_file_readable_by_others: [
    'A key file can be read by users other than its owner.',
    '密钥文件可被其他用户读取。',
    'correct-settings',
  ],
  version_conflict: [
    'The stream has changed since it was read.',
    '数据在读取后已发生变化。',
    'retry',
  ],
  store_busy: ['Too many appends are waiting.', '等待写入的请求过多。', 'retry'],
  store_fenced: ['Another writer has taken over.', '写入已由其他进程接管。', 'retry'],
  store_unreachable: [
    'The event store does not answer, or refuses the append.',
    '事件存储没有应答或不允许写入。',
    'retry',
  ],
  store_closed: ['The event store is closed.', '事件存储已关闭。', 'retry'],
  append_uncertain: [
    'The append was sent, and its outcome is not known.',
    '写入已发送，结果未知。',
    'retry',
  ],
  ledger_damaged: [
    'The content of the event store differs from what was written.',
    '事件存储中的内容与写入时不一致。',
    'mend-ledger',
  ],
  store_damaged: [
    'Records of a stream are missing or damaged.',
    '流中的记录缺失或损坏。',
    'mend-ledger',
  ],
  event_schema_unknown: [
    'A record was written by a release that this program does not know.',
    '记录由本程序不认识的版本写入。',
    'upgrade',
  ],
  event_malformed: ['An event is malformed.', '事件格式不正确。', 'report'],
  event_too_large: [
    'The record would exceed the size limit.',
    '记录超过允许的大小。',
    'correct-request',
  ],
  no_answer: ['The event store did not answer.', '事件存储没有答复。', 'retry'],
  store_url_invalid: [
    'The URL of the event store cannot be used.',
    '事件存储的 URL 不可用。',
    'correct-settings',
  ],
  event_store_login_missing: [
    'The URL of the event store names no user.',
    '事件存储的 URL 没有写明用户。',
    'correct-settings',
  ],
  event_store_open: [
    'The event store accepts writes without authentication.',
    '事件存储未启用身份验证。',
    'correct-settings',
  ],
  event_store_administrator_refused: [
    'The event store refuses the login of the administrator.',
    '事件存储拒绝该管理员登录。',
    'correct-settings',
  ],
  event_store_user_is_administrator: [
    'The user of the event store is an administrator of it.',
    '所用的事件存储用户是管理员。',
    'correct-settings',
  ],
  event_store_user_disabled: [
    'The user of the event store is disabled.',
    '事件存储用户已停用。',
    'correct-settings',
  ],
  event_store_password_differs: [
    'The user of the event store has another password.',
    '事件存储用户的口令不符。',
    'correct-settings',
  ],
  event_store_access_not_given: [
    'The event store still does not allow the user to read.',
    '事件存储仍不允许该用户读取。',
    'correct-settings',
  ],
  event_store_access_of_others: [
    'The access list of the event store was not set by this program.',
    '事件存储的访问控制并非由本程序设置。',
    'correct-settings',
  ],
  event_store_shared: [
    'The event store holds streams of other programs.',
    '事件存储中有其他程序的流。',
    'correct-settings',
  ],
  event_store_access_changed: [
    'The access list of the event store was changed meanwhile.',
    '事件存储的访问控制在操作期间被改动。',
    'correct-settings',
  ],
  store_of_other_kind: [
    'The database belongs to an event store of another kind.',
    '数据库属于另一类事件存储。',
    'correct-settings',
  ],
  keys_of_other_city: [
    'The folder of keys belongs to another city, perhaps a trial.',
    '密钥文件夹属于另一城市，或试用时使用过。',
    'correct-settings',
  ],
  ledger_of_other_city: [
    'The database belongs to the ledger of another city.',
    '数据库属于另一城市的账本。',
    'correct-settings',
  ],
  store_of_other_ledger: [
    'The event store has records that the database does not know.',
    '事件存储中的记录不属于该数据库。',
    'correct-settings',
  ],
  lease_lost: ['The lease was lost to another process.', '租约已由其他进程取得。', 'retry'],
  feed_behind: [
    'The event store ends before records that were already read from it.',
    '事件存储少于已读取的记录。',
    'mend-ledger',
  ],
  rebuild_under_way: [
    'The projection is being rebuilt elsewhere.',
    '该投影正在其他进程中重建。',
    'look-again',
  ],
  subject_key_destroyed: [
    'The key of the subject was destroyed by an erasure.',
    '主体密钥已随删除销毁。',
    'look-again',
  ],
  subject_key_absent: ['The subject has no key.', '主体没有密钥。', 'look-again'],
  seal_broken: [
    'Sealed data cannot be opened with their key.',
    '加密封存的数据无法用其密钥打开。',
    'mend-ledger',
  ],
  master_key_in_environment: [
    'Only a master key in a file can be rotated.',
    '只有存放于文件的主密钥可以轮换。',
    'correct-settings',
  ],
  city_running: [
    'A city runs on this database.',
    '该数据库上有正在运行的城市程序。',
    'correct-settings',
  ],
  rotation_under_way: [
    'The master key is being rotated, or a city is starting.',
    '主密钥正在轮换，或城市程序正在启动。',
    'look-again',
  ],
  vault_not_in_use: [
    'No city has been started on this database.',
    '该数据库从未启动过城市程序。',
    'correct-settings',
  ],
  key_file_open_to_others: [
    'A key file can be read by users other than its owner.',
    '密钥文件可被所有者以外的用户读取。',
    'correct-settings',
  ],
  key_file_unreadable: ['A key file cannot be read.', '密钥文件无法读取。', 'correct-settings'],
  key_file_missing: [
    'A key file that stored data need is missing.',
    '缺少已存数据所需的密钥文件。',
    'correct-settings',
  ],
  key_missing: [
    'The process lacks a key that stored data need.',
    '进程缺少已存数据所需的密钥。',
    'correct-settings',
  ],
  master_key_rotating: ['The master key is being rotated.', '主密钥正在轮换。', 'look-again'],
  lookup_row_vanished: [
    'The subject was erased at the same time.',
    '该主体的数据在此期间已删除。',
    'retry',
  ],
  key_file_invalid: [
    'A key file does not hold the required key.',
    '密钥文件中没有所需的密钥。',
    'correct-settings',
  ],
  exclusion_unclear: [
    'An exclusion must name either a stream, or the position and hash of one event.',
    '排除申请应指明流名称，或指明一个事件的位置和哈希，二者择一。',
    'correct-request',
  ],
  exclusion_absent: ['There is no such exclusion.', '没有该排除申请。', 'look-again'],
  nothing_foreign: [
    'This stream has no foreign event after the last sealed record.',
    '该流在最后封存记录之后没有外来事件。',
    'nothing',
  ],
  exclusion_of_sealed: [
    'The event stands before records that are sealed.',
    '该事件位于已封存记录之前。',
    'mend-ledger',
  ],
  exclusion_of_damaged: [
    'The event may be a damaged record of the ledger.',
    '该事件可能是受损的账本记录。',
    'mend-ledger',
  ],
  stream_limited: [
    'The stream was deleted, or has metadata in the event store.',
    '该流已被删除，或事件存储中设有该流的元数据。',
    'mend-ledger',
  ],
  exclusion_changed: [
    'The events to be excluded have changed.',
    '待排除的内容已发生变化。',
    'begin-again',
  ],
  exclusion_withdrawn: ['The exclusion was withdrawn.', '排除申请已撤回。', 'begin-again'],
  exclusion_requester_changed: [
    'The client that asked for the exclusion has since been disabled, or given a key by another client.',
    '提出排除申请的客户端此后已被停用，或由他人更换了密钥。',
    'begin-again',
  ],
  exclusion_expired: [
    'The exclusion was not approved in time.',
    '排除申请未在期限内获得批准。',
    'begin-again',
  ],
  exclusion_of_another_administrator: [
    'Only the administrator that asked for an exclusion can withdraw it.',
    '只有提出排除申请的管理员可以撤回。',
    'other-caller',
  ],
  exclusion_needs_second_administrator: [
    'The administrator that asked for an exclusion cannot approve it.',
    '申请排除的管理员不得自行批准。',
    'second-administrator',
  ],
  exclusion_administrators_not_independent: [
    'The two administrators are not independent: their keys go back to the same administrator.',
    '两名管理员并非相互独立：其密钥可追溯至同一名管理员。',
    'second-administrator',
  ],
  backup_exists: [
    'The target of the backup already exists.',
    '备份目标已存在。',
    'correct-command',
  ],
  backup_under_way: [
    'A backup is being written there, or one was stopped.',
    '该处正在写入备份，或有中断的备份。',
    'look-again',
  ],
  ledger_absent: ['The database holds no ledger.', '数据库中没有账本。', 'correct-command'],
  backup_unreadable: [
    'A file of the backup cannot be read.',
    '备份文件无法读取。',
    'correct-command',
  ],
  backup_malformed: [
    'The manifest of the backup cannot be read.',
    '备份清单无法解析。',
    'do-not-trust',
  ],
  backup_changed: ['The backup was damaged or changed.', '备份已损坏或被改动。', 'do-not-trust'],
  backup_newer: ['The backup was written by a later release.', '备份由更新的版本写入。', 'upgrade'],
  backup_too_old: ['The backup is of an earlier format.', '备份属于更早的格式。', 'upgrade'],
  backup_of_other_city: [
    'The backup is of another city.',
    '备份属于其他城市。',
    'correct-settings',
  ],
  backup_of_other_store: [
    'The backup is of another kind of event store.',
    '备份属于另一类事件存储。',
    'correct-settings',
  ],
  database_not_empty: ['The database is not empty.', '数据库不是空的。', 'correct-settings'],
  tables_differ: [
    'The tables of this program differ from those of the backup.',
    '程序的数据表与备份不一致。',
    'upgrade',
  ],
  rows_missing: ['Rows of a table were not written.', '有数据行未能写入。', 'mend-ledger'],
  file_changed: [
    'A file changed while it was in use.',
    '文件在使用期间被改动。',
    'correct-command',
  ],
  read_models_failed: [
    'A read model cannot be built from the records.',
    '无法由记录生成读模型。',
    'mend-ledger',
  ],
  member_wrong: ['A member of the manifest is wrong.', '清单中的成员不正确。', 'do-not-trust'],
  service_not_started: ['A service did not start.', '有服务未能启动。', 'correct-settings'],
};
