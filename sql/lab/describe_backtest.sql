create or replace function lab.describe_backtest(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with curve as (
        select array_agg(s.session_on order by s.session_on) as days,
               array_agg(s.equity_micros order by s.session_on) as equity,
               array_agg(s.gross_micros order by s.session_on) as gross,
               sum(s.equity_micros) as sum_micros
          from lab.list_sessions(p_backtest_id) as s
    ), traded as (
        select count(*) as fills, coalesce(sum(f.fee_micros), 0)::bigint as fees,
               coalesce(sum(abs(f.fill_qty) * f.price_micros), 0) as notional
          from lab.fills as f where f.backtest_id = p_backtest_id
    ), closed as (
        select array_agg(t.realized_micros order by t.nth) as profits,
               array_agg(t.sessions_held order by t.nth) as held,
               coalesce(sum(t.realized_micros), 0)::bigint as realized
          from lab.list_trades(p_backtest_id) with ordinality as t (
               symbol, side, qty, opened_at, closed_at, entry, exit, realized_micros, sessions_held, nth)
    ), figures as (
        select lab.describe_curve(b.initial_cash_micros, c.days, c.equity, c.gross)
               || lab.describe_trades(d.profits, d.held, t.fees)
               || jsonb_build_object(
                   'orders', b.orders, 'fills', t.fills,
                   'rejected_orders', (select count(*) from lab.orders as o
                                        where o.backtest_id = p_backtest_id
                                          and o.order_status = 'REJECTED'),
                   'denied_orders', (select count(*) from lab.denials as n
                                      where n.backtest_id = p_backtest_id),
                   'turnover', round(t.notional / b.initial_cash_micros, 6),
                   'turnover_a_session', round(t.notional / nullif(c.sum_micros, 0), 6),
                   'fees_micros', t.fees, 'realized_micros', d.realized,
                   'unrealized_micros', b.equity_micros - b.initial_cash_micros - d.realized + t.fees)
               as figures
          from lab.backtests as b
         cross join curve as c
         cross join traded as t
         cross join closed as d
         where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED'
    )
    select f.figures || jsonb_build_object('undefined', lab.explain_undefined(f.figures))
      from figures as f;
$function$;

comment on function lab.describe_backtest(uuid) is
$$Key figures of a backtest that ended: those of its curve by session and of its closed lots, and what it
traded and paid; money in micros, ratios with six decimals, undefined: why a figure is null. Null for a
backtest that has not ended.$$;
