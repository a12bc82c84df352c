create or replace function ops.build_tearsheet(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
begin
    perform core.assert_that(
        exists (select from lab.backtests as b
                 where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED'),
        'MQN81', p_backtest_id::text);
    perform core.assert_that(
        p_run_id is null or exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02',
        p_run_id::text);
    return (
        select jsonb_build_object(
                   'backtest', to_jsonb(b) - array['created_by', 'created_at']
                               || jsonb_build_object('config', c.config,
                                                     'costs', c.config -> 'execution'),
                   'dataset', to_jsonb(d) - array['frozen_by', 'frozen_at'],
                   'metrics', lab.describe_backtest(p_backtest_id),
                   'trades', (select coalesce(jsonb_agg(to_jsonb(t)), '[]')
                                from lab.list_trades(p_backtest_id) as t),
                   'orders', (select coalesce(jsonb_agg(to_jsonb(o)), '[]')
                                from lab.list_orders(p_backtest_id) as o),
                   'order_counts', (
                       select coalesce(jsonb_object_agg(o.order_status, o.n), '{}')
                         from (select o.order_status, count(*) as n from lab.orders as o
                                where o.backtest_id = p_backtest_id group by o.order_status) as o),
                   'fills', (select coalesce(jsonb_agg(to_jsonb(f)), '[]')
                               from lab.list_fills(p_backtest_id) as f),
                   'risk', ops.report_backtest_risk(p_backtest_id),
                   'paper', ops.report_paper(p_backtest_id, p_run_id))
               || ops.report_backtest_history(p_backtest_id)
               || ops.report_backtest_prices(p_backtest_id)
               || ops.report_studies(p_backtest_id)
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id);
end;
$function$;

comment on function ops.build_tearsheet(uuid, uuid) is
$$The whole report of a backtest that ended as one document, with a run beside it unless p_run_id is null;
money in micros, times in UTC. The same config on the same bars, studied alike, gives the same document in
every database.
Raises: MQN81 no such backtest, or it has not ended; MQN02 no such run.$$;
