create or replace function ops.report_paper(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'run_id', r.run_id, 'mode', r.mode, 'run_status', r.run_status, 'config_hash', r.config_hash,
        'equity', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', e.session_on, 'equity_micros', e.equity_micros)
                       order by e.session_on), '[]')
              from ops.list_session_equity(p_run_id) as e),
        'differences', (
            select coalesce(jsonb_agg(to_jsonb(d) order by d.kind collate "C", d.place), '[]')
              from lab.list_differences(p_backtest_id, p_run_id) as d))
      from run.runs as r
     where r.run_id = p_run_id;
$function$;

comment on function ops.report_paper(uuid, uuid) is
$$A run to lay beside a backtest: its equity by session and where it did something else. Null without a run.
Raises: MQN02.$$;
