create or replace function ops.report_backtest_history(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with sessions as materialized (
        select s.* from lab.list_sessions(p_backtest_id) as s
    ), curve as (
        select array_agg(s.session_on order by s.session_on) as days,
               array_agg(s.equity_micros order by s.session_on) as equity
          from sessions as s
    )
    select jsonb_build_object(
        'equity', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', s.session_on, 'equity_micros', s.equity_micros,
                       'cash_micros', s.cash_micros, 'gross_micros', s.gross_micros,
                       'drawdown_bps', (s.peak_micros - s.equity_micros) * 10000 / s.peak_micros)
                       order by s.session_on), '[]')
              from sessions as s),
        'monthly', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'month', m.period, 'return_bps', round(m.return_ratio * 10000))
                       order by m.period collate "C"), '[]')
              from lab.list_periods(b.initial_cash_micros, c.days, c.equity, 'YYYY-MM') as m),
        'yearly', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'year', y.period, 'return_bps', round(y.return_ratio * 10000))
                       order by y.period collate "C"), '[]')
              from lab.list_periods(b.initial_cash_micros, c.days, c.equity, 'YYYY') as y),
        'rolling_sharpe', (
            select coalesce(jsonb_agg(jsonb_build_array(c.days[r.position_no], r.sharpe)
                                      order by r.position_no), '[]')
              from lab.list_rolling_sharpe(b.initial_cash_micros || c.equity, 126) as r),
        'distribution', (
            select coalesce(jsonb_agg(to_jsonb(k) order by k.from_bps), '[]')
              from lab.list_return_buckets(b.initial_cash_micros || c.equity) as k))
      from lab.backtests as b
     cross join curve as c
     where b.backtest_id = p_backtest_id;
$function$;

comment on function ops.report_backtest_history(uuid) is
$$The curves of a backtest's report: equity and drawdown by session, returns by month and year, the Sharpe
ratio of 126 sessions as it rolls, and the distribution of the returns of sessions.$$;
