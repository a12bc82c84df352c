create or replace function ops.report_run(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'run_id', r.run_id, 'engine_id', r.engine_id, 'mode', r.mode, 'run_status', r.run_status,
        'clock_kind', r.clock_kind, 'account_id', r.account_id, 'config_hash', r.config_hash,
        'config', c.config, 'as_of_at', core.format_iso(r.as_of_at),
        'created_at', core.format_iso(r.created_at), 'initial_cash_micros', r.initial_cash_micros,
        'strategy_id', a.strategy_id,
        'symbols', (select jsonb_agg(u.symbol order by u.symbol collate "C") from run.universe as u
                     where u.run_id = r.run_id),
        'halt_reason', (select h.reason from run.run_history as h
                         where h.run_id = r.run_id and h.to_status = 'HALTED'
                         order by h.history_seq desc limit 1),
        'history', (select jsonb_agg(jsonb_build_object(
                               'status', h.to_status, 'reason', h.reason, 'actor', h.actor,
                               'at', core.format_iso(h.moved_at)) order by h.history_seq)
                      from run.run_history as h where h.run_id = r.run_id))
      from run.runs as r
      join run.configs as c using (config_hash)
      join strat.assignments as a using (run_id)
     where r.run_id = p_run_id;
$function$;

comment on function ops.report_run(uuid) is
$$A run with its config, its symbols and the history of its status.$$;
