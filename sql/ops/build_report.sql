create or replace function ops.build_report(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
begin
    perform core.assert_that(
        exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02', p_run_id::text);
    return jsonb_build_object(
            'run', ops.report_run(p_run_id),
            'metrics', ops.report_metrics(p_run_id),
            'positions', (select coalesce(jsonb_agg(to_jsonb(p)), '[]')
                            from ops.report_positions(p_run_id, p_now_at) as p),
            'trades', (select coalesce(jsonb_agg(to_jsonb(t)), '[]')
                         from ops.report_trades(p_run_id) as t),
            'orders', (select coalesce(jsonb_agg(to_jsonb(o)), '[]')
                         from ops.list_orders(p_run_id) as o),
            'order_counts', (select coalesce(jsonb_object_agg(o.order_status, o.n), '{}')
                               from (select o.order_status, count(*) as n from oms.orders as o
                                      where o.run_id = p_run_id group by o.order_status) as o),
            'fills', (select coalesce(jsonb_agg(to_jsonb(f) || jsonb_build_object(
                                 'session_on',
                                 (ref.get_session_of(i.exchange_id, f.filled_at)).session_on)), '[]')
                        from ops.list_fills(p_run_id) as f
                        join ref.instruments as i using (symbol)),
            'risk', ops.report_risk(p_run_id),
            'quality', (select coalesce(jsonb_agg(to_jsonb(q)), '[]')
                          from md.get_quality(array(
                               select u.symbol from run.universe as u where u.run_id = p_run_id),
                               (select a.timeframe from strat.assignments as a
                                 where a.run_id = p_run_id), p_now_at) as q),
            'digests', ops.compute_digests(p_run_id))
        || ops.report_history(p_run_id, p_now_at)
        || ops.report_proof(p_run_id);
end;
$function$;

comment on function ops.build_report(uuid, timestamptz) is
$$The whole report of a run as one document; money in micros, times in UTC.
Raises: MQN02 no such run.$$;
