create or replace function ops.report_metrics(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with curve as (
        select array_agg(e.session_on order by e.session_on) as days,
               array_agg(e.equity_micros order by e.session_on) as equity,
               array_agg(e.gross_micros order by e.session_on) as gross,
               sum(e.equity_micros) as sum_micros
          from ops.list_session_equity(p_run_id) as e
    ), closed as (
        select array_agg(t.realized_micros order by t.nth) as profits,
               array_agg(t.sessions_held order by t.nth) as held
          from ops.report_trades(p_run_id) with ordinality as t (
               symbol, side, qty, opened_at, closed_at, entry, exit, realized_micros, sessions_held, nth)
    ), traded as (
        select count(*) as fills, coalesce(sum(f.notional_micros), 0) as notional_micros
          from ledger.standing_fills as f where f.run_id = p_run_id
    ), figures as (
        select f.curve || lab.describe_trades(d.profits, d.held, p.fees_micros)
               || jsonb_build_object(
                   'orders', (select count(*) from oms.orders as o where o.run_id = p_run_id),
                   'rejected_orders', (select count(*) from oms.orders as o
                                        where o.run_id = p_run_id and o.order_status = 'REJECTED'),
                   'denied_orders', (select count(*) from risk.decisions as d
                                      where d.run_id = p_run_id and d.verdict = 'DENY'),
                   'fills', t.fills,
                   'turnover_a_session', round(t.notional_micros / nullif(c.sum_micros, 0), 6),
                   'turnover', round(t.notional_micros / nullif(r.initial_cash_micros, 0), 6),
                   'fees_micros', p.fees_micros, 'realized_micros', p.realized_micros,
                   'unrealized_micros', (f.curve ->> 'final_equity_micros')::bigint
                                        - p.cash_micros - p.cost_micros) as figures
          from run.runs as r
          join ledger.portfolios as p using (run_id)
         cross join curve as c
         cross join closed as d
         cross join traded as t
         cross join lateral lab.describe_curve(
               r.initial_cash_micros, c.days, c.equity, c.gross) as f (curve)
         where r.run_id = p_run_id
    )
    select f.figures || jsonb_build_object('undefined', lab.explain_undefined(f.figures))
      from figures as f;
$function$;

comment on function ops.report_metrics(uuid) is
$$Key figures of a run, by the rules of a backtest's; ratios with six decimals, null where a figure is
undefined, undefined: why.$$;
