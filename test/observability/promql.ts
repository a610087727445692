import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  /** The function that a range of it is given to, such as `rate`; null for an instant. */
  readonly rangeFor: string | null;
}

export interface Expression {
  readonly selectors: readonly Selector[];
  /** Labels that are grouped or matched by. */
  readonly groupedBy: readonly string[];
  /** What cannot be read as PromQL. */
  readonly wrong: readonly string[];
}

/**
 * Reads an expression with Prometheus's own grammar. Grafana's `$__rate_interval` and `$__range`
 * stand for durations.
 */
export function readExpression(text: string): Expression {
  const expression = text.replaceAll(/\$__(rate_interval|range)\b/g, '5m');
  const at = ({ from, to }: { readonly from: number; readonly to: number }) =>
    expression.slice(from, to);
  const selectors: Selector[] = [];
  const groupedBy: string[] = [];
  const wrong: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, node }) => {
      if (type.isError) wrong.push(`${expression} at ${node.from}`);
      if (type.name === 'GroupingLabels') groupedBy.push(...node.getChildren('LabelName').map(at));
      if (type.name !== 'VectorSelector') return;
      const name = node.getChild('Identifier');
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      let call = node.parent?.name === 'MatrixSelector' ? node.parent : null;
      while (call !== null && call.name !== 'FunctionCall') call = call.parent;
      const identifier = call?.getChild('FunctionIdentifier');
      selectors.push({
        metric: name === null ? '' : at(name),
        labels: matchers.map((matcher) => {
          const [label, value] = [matcher.getChild('LabelName'), matcher.getChild('StringLiteral')];
          return {
            name: label === null ? '' : at(label),
            value: value === null ? '' : at(value).slice(1, -1),
          };
        }),
        rangeFor: identifier === null || identifier === undefined ? null : at(identifier),
      });
    },
  });
  return { selectors, groupedBy, wrong };
}
