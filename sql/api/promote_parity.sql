create or replace function api.promote_parity(
    p_backtest_id uuid,
    p_run_id      uuid,
    p_now_at      timestamptz
)
returns table (
    backtest_id uuid,
    run_id      uuid,
    digest      text,
    last_seq    bigint,
    differences integer
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.run_id, f.digest, f.last_seq, f.differences
      from lab.judge_parity(p_backtest_id, p_run_id, p_now_at) as f;
$function$;

comment on function api.promote_parity(uuid, uuid, timestamptz) is
$$Keeps how many acts of a run differ from a backtest's.$$;
