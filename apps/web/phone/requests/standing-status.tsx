import { useWords } from '../../shared/language.tsx';
import { Status } from '../../shared/status.tsx';
import { type Standing, toneOf } from '../logic/standing.ts';

const zh: Readonly<Record<Standing, string>> = {
  waiting: '待您答复',
  granted: '已同意',
  redeemed: '已取走',
  refused: '未同意',
  mismatched: '数字不一致，已关闭',
  withdrawn: '已撤回',
  ended: '已结束',
  withheld: '未取出',
  expired: '已过期',
};
const en: typeof zh = {
  waiting: 'Waiting for you',
  granted: 'Agreed',
  redeemed: 'Data received',
  refused: 'Not agreed',
  mismatched: 'Digits differed: closed',
  withdrawn: 'Taken back',
  ended: 'Ended',
  withheld: 'Withheld',
  expired: 'Expired',
};

export function StandingStatus({ standing }: { readonly standing: Standing }) {
  const words = useWords({ zh, en });
  return <Status tone={toneOf(standing)}>{words[standing]}</Status>;
}
