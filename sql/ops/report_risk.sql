create or replace function ops.report_risk(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'limits', jsonb_build_array(
            jsonb_build_object('limit', 'daily loss', 'unit', 'micros',
                'value', l.daily_loss_limit_micros, 'worst_seen', s.worst_day_micros),
            jsonb_build_object('limit', 'drawdown', 'unit', 'micros',
                'value', l.max_drawdown_micros, 'worst_seen', s.worst_fall_micros),
            jsonb_build_object('limit', 'gross exposure', 'unit', 'micros',
                'value', l.max_gross_exposure_micros, 'worst_seen', (
                    select max(e.gross_micros) from ledger.equity_points as e
                     where e.run_id = p_run_id)),
            jsonb_build_object('limit', 'order quantity', 'unit', 'shares',
                'value', l.max_order_qty, 'worst_seen', (
                    select max(abs(o.order_qty)) from oms.orders as o where o.run_id = p_run_id)),
            jsonb_build_object('limit', 'order notional', 'unit', 'micros',
                'value', l.max_order_notional_micros, 'worst_seen', (
                    select max(abs(d.order_qty) * (d.numbers ->> 'mark_micros')::bigint)
                      from risk.decisions as d
                     where d.run_id = p_run_id and d.verdict = 'ALLOW')),
            jsonb_build_object('limit', 'rejects in the window', 'unit', 'orders',
                'value', l.reject_storm_max_rejects, 'worst_seen', null)),
        'decisions', jsonb_build_object(
            'ALLOW', (select count(*) from risk.decisions as d
                       where d.run_id = p_run_id and d.verdict = 'ALLOW'),
            'DENY', (select count(*) from risk.decisions as d
                      where d.run_id = p_run_id and d.verdict = 'DENY')),
        'denials', (
            select coalesce(jsonb_agg(jsonb_build_object('rule', d.rule, 'count', d.n)
                                      order by d.rule), '[]')
              from (select d.rule, count(*) as n from risk.decisions as d
                     where d.run_id = p_run_id and d.verdict = 'DENY' group by d.rule) as d))
      from risk.limits as l
      join risk.states as s using (run_id)
     where l.run_id = p_run_id;
$function$;

comment on function ops.report_risk(uuid) is
$$A run's limits beside the worst that was seen, and its verdicts by rule.$$;
