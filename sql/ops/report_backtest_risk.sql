create or replace function ops.report_backtest_risk(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with seen as (
        select max(s.gross_micros) as gross, max(s.peak_micros - s.equity_micros) as fall,
               max(coalesce(s.before, b.initial_cash_micros) - s.equity_micros) as loss
          from lab.backtests as b
         cross join (select s.*, lag(s.equity_micros) over (order by s.session_on) as before
                       from lab.list_sessions(p_backtest_id) as s) as s
         where b.backtest_id = p_backtest_id
    )
    select jsonb_build_object(
        'limits', jsonb_build_array(
            jsonb_build_object('limit', 'daily loss', 'unit', 'micros',
                'value', l.daily_loss_limit_micros, 'worst_seen', greatest(s.loss, 0)),
            jsonb_build_object('limit', 'drawdown', 'unit', 'micros',
                'value', l.max_drawdown_micros, 'worst_seen', s.fall),
            jsonb_build_object('limit', 'gross exposure', 'unit', 'micros',
                'value', l.max_gross_exposure_micros, 'worst_seen', s.gross),
            jsonb_build_object('limit', 'order quantity', 'unit', 'shares',
                'value', l.max_order_qty, 'worst_seen', (
                    select max(abs(o.order_qty)) from lab.orders as o
                     where o.backtest_id = p_backtest_id)),
            jsonb_build_object('limit', 'rejects in the window', 'unit', 'orders',
                'value', l.reject_storm_max_rejects, 'worst_seen', null)),
        'decisions', jsonb_build_object(
            'ALLOW', (select count(*) from lab.orders as o
                       where o.backtest_id = p_backtest_id and o.leg = 'TARGET'),
            'DENY', (select count(*) from lab.denials as d where d.backtest_id = p_backtest_id)),
        'denials', (
            select coalesce(jsonb_agg(jsonb_build_object('rule', d.rule, 'count', d.n)
                                      order by d.rule collate "C"), '[]')
              from (select d.rule, count(*) as n from lab.denials as d
                     where d.backtest_id = p_backtest_id group by d.rule) as d))
      from lab.backtests as b
      join run.configs as c using (config_hash)
     cross join lateral risk.compute_limits(
           p_backtest_id, b.initial_cash_micros, c.config -> 'risk') as l
     cross join seen as s
     where b.backtest_id = p_backtest_id;
$function$;

comment on function ops.report_backtest_risk(uuid) is
$$A backtest's limits beside the worst that was seen when sessions ended, and its verdicts by rule.$$;
