create or replace function api.run_list()
returns table (
    run_id      uuid,
    engine_id   text,
    run_seq     bigint,
    mode        text,
    run_status  text,
    account_id  text,
    strategy_id text,
    created_at  timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.run_id, r.engine_id, r.run_seq, r.mode, r.run_status, r.account_id, a.strategy_id,
           r.created_at
      from run.runs as r
      left join strat.assignments as a using (run_id)
     order by r.created_at desc, r.engine_id, r.run_seq desc;
$function$;

comment on function api.run_list() is
$$All runs, newest first.$$;
